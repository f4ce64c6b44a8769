using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Models;

/// <summary>
/// Polls the model folder. A new or changed file is loaded beside the old model, checked against the contract and
/// tested with the golden sample. Only then does it replace the old model.
/// </summary>
/// <remarks>Polling works on every kind of volume; file notifications do not arrive on network volumes.</remarks>
internal sealed class ModelReload(ModelCatalog models, ServiceOptions options, ILogger<ModelReload> logger)
    : BackgroundService
{
    /// <summary>The files at the last poll.</summary>
    private readonly Dictionary<string, ModelFile> _seen = [];

    /// <summary>The files as last loaded or rejected.</summary>
    private readonly Dictionary<string, ModelFile> _settled = models.All.ToDictionary(model =>
        model.File.Path, model => model.File);

    private bool _isUnreadable;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.ModelReload)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.ReloadInterval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Poll();
        }
    }

    private void Poll()
    {
        string[] paths;
        try
        {
            paths = Directory.GetFiles(options.ModelFolder, ModelFolder.Pattern);
        }
        catch (DirectoryNotFoundException)
        {
            paths = [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The files may still be there; the next poll tries again.
            if (!_isUnreadable)
            {
                Log.FolderUnreadable(logger, e.Message);
            }

            _isUnreadable = true;
            return;
        }

        _isUnreadable = false;

        foreach (string path in paths)
        {
            Poll(path);
        }

        foreach (string path in _seen.Keys.Union(_settled.Keys).Except(paths).ToArray())
        {
            Forget(path);
        }
    }

    /// <summary>Loads a file once two polls in a row see the same state: it is then no longer being written.</summary>
    private void Poll(string path)
    {
        ModelFile? file = null;
        try
        {
            file = ModelFile.At(path);
            bool isStable = _seen.GetValueOrDefault(path) == file;
            _seen[path] = file;
            if (isStable && _settled.GetValueOrDefault(path) != file)
            {
                Load(path);
                _settled[path] = file;
            }
        }
        catch (InvalidModelException e)
        {
            Reject(file!, e.Message.Replace(path, file!.FileName), isTransient: e.InnerException is IOException
                or UnauthorizedAccessException);
        }
        catch (Exception e) when (file is null && e is IOException or UnauthorizedAccessException)
        {
            // The file is gone or not readable yet; the next poll tries again.
        }
        catch (Exception e)
        {
            Reject(file!, $"The model '{file!.FileName}' cannot be run: {e.Message}", isTransient: false);
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
        Log.ModelLoaded(logger, model.Name, model.Card.Version, previous ?? "none");
    }

    /// <param name="isTransient">Whether to try an unchanged file again, because it could not be read at all.</param>
    private void Reject(ModelFile file, string reason, bool isTransient)
    {
        if (!isTransient)
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

    /// <summary>Keeps serving the model of a deleted file. A file that comes back counts as new.</summary>
    private void Forget(string path)
    {
        _settled.Remove(path);
        _seen.Remove(path);
        string name = Path.GetFileNameWithoutExtension(path);
        if (models.TryGet(name, out _))
        {
            models.Reject(Path.GetFileName(path),
                "The file was deleted. Its model keeps serving until the service restarts.");
            Log.FileGone(logger, Path.GetFileName(path), name);
        }
        else
        {
            models.Accept(Path.GetFileName(path));
        }
    }
}
