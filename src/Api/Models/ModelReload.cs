using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Models;

/// <summary>
/// Polls the model folder. A new or changed file is loaded beside the old model, checked against the contract and tried
/// on the golden sample; only then does it replace the old model.
/// </summary>
/// <remarks>Polling works on every kind of volume; file notifications do not arrive on network volumes.</remarks>
internal sealed class ModelReload(ModelCatalog models, ServiceOptions options, ILogger<ModelReload> logger)
    : BackgroundService
{
    /// <summary>The files at the last poll.</summary>
    private readonly Dictionary<string, ModelFile> _seen = [];

    /// <summary>The files that were loaded or rejected.</summary>
    private readonly Dictionary<string, ModelFile> _settled = models.All.ToDictionary(model =>
        model.File.Path, model => model.File);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.ModelReload)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.ReloadInterval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    private void Look()
    {
        string[] paths;
        try
        {
            paths = Directory.GetFiles(options.ModelFolder, ModelFolder.Pattern);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            paths = [];
        }

        foreach (string path in paths)
        {
            Look(path);
        }

        foreach (string path in _seen.Keys.Union(_settled.Keys).Except(paths).ToArray())
        {
            Forget(path);
        }
    }

    /// <summary>A file that looked the same twice is not being written any more.</summary>
    private void Look(string path)
    {
        ModelFile? file = null;
        try
        {
            file = ModelFile.At(path);
            bool quiet = _seen.GetValueOrDefault(path) == file;
            _seen[path] = file;
            if (quiet && _settled.GetValueOrDefault(path) != file)
            {
                Load(path);
                _settled[path] = file;
            }
        }
        catch (InvalidModelException e)
        {
            Reject(file!, e.Message.Replace(path, file!.FileName), mayPass: e.InnerException is IOException
                or UnauthorizedAccessException);
        }
        catch (Exception e) when (file is null && e is IOException or UnauthorizedAccessException)
        {
            // Gone again or not to be read yet: the next look will tell.
        }
        catch (Exception e)
        {
            Reject(file!, $"The model '{file!.FileName}' cannot be run: {e.Message}", mayPass: false);
        }
    }

    private void Load(string path)
    {
        ServedModel model = ServedModel.Load(path, options);
        string? previous = models.TryGet(model.Name, out ServedModel? old) ? old.Card.Version : null;
        if (old?.Card.ModelSha256 == model.Card.ModelSha256)
        {
            model.Dispose();
            models.Accept(Path.GetFileName(path));
            return;
        }

        models.Put(model);
        ServiceMetrics.Reloaded(taken: true);
        Log.ModelLoaded(logger, model.Name, model.Card.Version, previous ?? "nothing");
    }

    /// <param name="mayPass">The file could not even be read: it is tried again though it looks the same.</param>
    private void Reject(ModelFile file, string reason, bool mayPass)
    {
        if (!mayPass)
        {
            _settled[file.Path] = file;
        }

        string sentence = reason.ReplaceLineEndings(" ").TrimEnd();
        if (models.Reject(file.FileName, sentence))
        {
            ServiceMetrics.Reloaded(taken: false);
            Log.FileRejected(logger, file.FileName, sentence);
        }
    }

    /// <summary>A model serves on without its file. One that comes back is looked at as if it were new.</summary>
    private void Forget(string path)
    {
        _settled.Remove(path);
        _seen.Remove(path);
        string name = Path.GetFileNameWithoutExtension(path);
        if (models.TryGet(name, out _))
        {
            models.Reject(Path.GetFileName(path),
                "The file is gone. Its model serves on until the service is started again.");
            Log.FileGone(logger, Path.GetFileName(path), name);
        }
        else
        {
            models.Accept(Path.GetFileName(path));
        }
    }
}
