using System.Diagnostics.CodeAnalysis;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Models;

/// <summary>The loaded models by name. A model can be replaced while requests are answered.</summary>
public sealed class ModelCatalog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _defaultName;
    private readonly SortedDictionary<string, RejectedFile> _rejected = new(StringComparer.Ordinal);
    private volatile SortedDictionary<string, ServedModel> _models;
    private volatile bool _disposed;

    private ModelCatalog(SortedDictionary<string, ServedModel> models, ServedModel @default)
    {
        _models = models;
        _defaultName = @default.Name;
    }

    /// <summary>The model for requests that name none.</summary>
    public ServedModel Default => _models[_defaultName];

    /// <summary>The models by name.</summary>
    public IReadOnlyCollection<ServedModel> All => _models.Values;

    /// <summary>Files of the model folder that were rejected since the start, by name.</summary>
    public IReadOnlyList<RejectedFile> Rejected
    {
        get
        {
            lock (_gate)
            {
                return [.. _rejected.Values];
            }
        }
    }

    /// <summary>Loads every model of the folder.</summary>
    /// <exception cref="InvalidModelException">The folder has no model, or a model cannot serve.</exception>
    /// <exception cref="InvalidSettingException">The default model is not in the folder.</exception>
    public static ModelCatalog Load(ServiceOptions options)
    {
        try
        {
            return LoadFiles(options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException($"The models in '{options.ModelFolder}' cannot be read: {e.Message}", e);
        }
    }

    private static ModelCatalog LoadFiles(ServiceOptions options)
    {
        string[] files = Directory.Exists(options.ModelFolder)
            ? Directory.GetFiles(options.ModelFolder, ModelFolder.Pattern)
            : throw new InvalidModelException(
                $"There is no model folder '{options.ModelFolder}'. Name the folder with the *.onnx files: "
                + $"--model-folder FOLDER.");
        if (files.Length == 0)
        {
            throw new InvalidModelException(
                $"There is no model in '{options.ModelFolder}'. Put a *.onnx file there, or name another folder: "
                + $"--model-folder FOLDER.");
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
    /// <returns>The problem if there is no such model; otherwise null.</returns>
    public Problem? Find(string name, ref ServedModel model)
    {
        if (TryGet(name, out ServedModel? found))
        {
            model = found;
            return null;
        }

        return ProblemType.UnknownModel.WithDetail(
            $"There is no model '{Excerpt.Of(name)}'. There are {string.Join(", ", _models.Keys)}.");
    }

    /// <summary>Finds the model that a client names, and checks its version.</summary>
    /// <param name="name">The default model if null.</param>
    /// <param name="version">Any if null or empty.</param>
    /// <inheritdoc cref="Find(string, ref ServedModel)"/>
    public Problem? Find(string? name, string? version, out ServedModel model)
    {
        model = Default;
        return (name is null ? null : Find(name, ref model))
            ?? (string.IsNullOrEmpty(version) || version == model.Card.Version
                ? null
                : new Problem(
                    ProblemType.UnknownModel,
                    $"The model '{model.Name}' has no version '{Excerpt.Of(version)}'. The one that is loaded is "
                    + $"'{model.Card.Version}'."));
    }

    /// <summary>Keeps a model in memory while it is used, or its successor if it was just replaced.</summary>
    public ModelLease Lease(ServedModel model)
    {
        while (!model.TryKeep())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            model = _models[model.Name];
        }

        return new ModelLease(model);
    }

    /// <summary>Adds a model. A previous model of the same name is disposed of when its last user is done.</summary>
    public void Put(ServedModel model)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _models.TryGetValue(model.Name, out ServedModel? previous);
            _models =
                new SortedDictionary<string, ServedModel>(_models, StringComparer.Ordinal) { [model.Name] = model };
            _rejected.Remove(model.File.FileName);
            previous?.Dispose();
        }
    }

    /// <summary>Records that a file was rejected.</summary>
    /// <returns>False if the same rejection is already recorded.</returns>
    public bool Reject(string file, string reason)
    {
        lock (_gate)
        {
            bool known = _rejected.TryGetValue(file, out RejectedFile? rejected) && rejected.Reason == reason;
            _rejected[file] = known ? rejected! : new RejectedFile(file, DateTimeOffset.UtcNow, reason);
            return !known;
        }
    }

    /// <summary>Removes the rejection of a file.</summary>
    public void Accept(string file)
    {
        lock (_gate)
        {
            _rejected.Remove(file);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                Dispose(_models);
            }
        }
    }

    private static ServedModel ChooseDefault(SortedDictionary<string, ServedModel> models, ServiceOptions options)
    {
        if (models.TryGetValue(options.DefaultModel, out ServedModel? named))
        {
            return named;
        }

        return models.Count == 1
            ? models.Values.First()
            : throw new InvalidSettingException(
                $"There is no model '{options.DefaultModel}' to be the default. Choose one of "
                + $"{string.Join(", ", models.Keys)}: --default-model NAME.");
    }

    private static void Dispose(SortedDictionary<string, ServedModel> models)
    {
        foreach (ServedModel model in models.Values)
        {
            model.Dispose();
        }
    }
}
