using System.Diagnostics.CodeAnalysis;
using MnistLstm.Api.Operations;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Models;

/// <summary>The models that are served, by name.</summary>
public sealed class ModelCatalog : IDisposable
{
    private readonly SortedDictionary<string, ServedModel> _models;

    private ModelCatalog(SortedDictionary<string, ServedModel> models, ServedModel @default)
    {
        _models = models;
        Default = @default;
    }

    /// <summary>Answers where a request names no model.</summary>
    public ServedModel Default { get; }

    /// <summary>By name.</summary>
    public IReadOnlyCollection<ServedModel> All => _models.Values;

    /// <summary>Loads every model of the folder.</summary>
    /// <exception cref="InvalidModelException">There is none, or one of them cannot serve.</exception>
    /// <exception cref="InvalidSettingException">The default model is not among them.</exception>
    public static ModelCatalog Load(ServiceOptions options)
    {
        string[] files = Directory.Exists(options.ModelFolder)
            ? Directory.GetFiles(options.ModelFolder, ModelFolder.Pattern)
            : throw new InvalidModelException(
                $"There is no model folder '{options.ModelFolder}'. Name the folder with the *.onnx files: --model-folder FOLDER.");
        if (files.Length == 0)
        {
            throw new InvalidModelException(
                $"There is no model in '{options.ModelFolder}'. Put a *.onnx file there, or name another folder: --model-folder FOLDER.");
        }

        var models = new SortedDictionary<string, ServedModel>(StringComparer.Ordinal);
        try
        {
            foreach (string file in files)
            {
                ServedModel model = ServedModel.Load(file, options);
                models.Add(model.Name, model);
            }

            return new ModelCatalog(models, ChooseDefault(models, options));
        }
        catch
        {
            Dispose(models);
            throw;
        }
    }

    public bool TryGet(string name, [NotNullWhen(true)] out ServedModel? model) => _models.TryGetValue(name, out model);

    /// <summary>Finds the model that a client names.</summary>
    /// <returns>The answer to a client who names one that does not exist; null if it does.</returns>
    public Problem? Find(string name, ref ServedModel model)
    {
        if (TryGet(name, out ServedModel? found))
        {
            model = found;
            return null;
        }

        return ProblemType.UnknownModel.Because($"There is no model '{name}'. There are {string.Join(", ", _models.Keys)}.");
    }

    public void Dispose() => Dispose(_models);

    private static ServedModel ChooseDefault(SortedDictionary<string, ServedModel> models, ServiceOptions options)
    {
        if (models.TryGetValue(options.DefaultModel, out ServedModel? named))
        {
            return named;
        }

        return models.Count == 1
            ? models.Values.First()
            : throw new InvalidSettingException(
                $"There is no model '{options.DefaultModel}' to be the default. Choose one of {string.Join(", ", models.Keys)}: --default-model NAME.");
    }

    private static void Dispose(SortedDictionary<string, ServedModel> models)
    {
        foreach (ServedModel model in models.Values)
        {
            model.Dispose();
        }
    }
}
