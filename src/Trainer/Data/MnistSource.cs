using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>
/// The source of a run's data: a named folder, or else a cache of MNIST that fills itself.
/// </summary>
public sealed class MnistSource
{
    private readonly DataFolder? _named;
    private readonly MnistCache? _cache;

    private MnistSource(DataFolder? named, MnistCache? cache) => (_named, _cache) = (named, cache);

    /// <summary>Whether someone named the folder.</summary>
    public bool IsNamed => _named is not null;

    public string Folder => _named?.Path ?? _cache!.Folder;

    /// <summary>The folder of <c>--data</c>, else of <c>MNIST_DIR</c>, else the user's cache.</summary>
    public static MnistSource Find(string? dataOption)
    {
        if (!string.IsNullOrEmpty(dataOption))
        {
            return new MnistSource(new DataFolder(dataOption, "--data"), cache: null);
        }

        string? environment = Environment.GetEnvironmentVariable("MNIST_DIR");
        return string.IsNullOrEmpty(environment)
            ? new MnistSource(named: null, MnistCache.OfUser())
            : new MnistSource(new DataFolder(environment, "MNIST_DIR"), cache: null);
    }

    /// <exception cref="TrainerException">Files are missing, damaged or do not belong together.</exception>
    public async Task<DataSplit> LoadTrainAsync(CancellationToken cancellation) =>
        _named is not null
        ? _named.Load(SplitName.Train) ?? throw _named.MissingTrain()
        : await LoadAsync(MnistFile.TrainImages, MnistFile.TrainLabels, cancellation);

    /// <returns>Null where the folder has training images alone.</returns>
    /// <exception cref="TrainerException">Files are missing, damaged or do not belong together.</exception>
    public async Task<DataSplit?> LoadTestAsync(CancellationToken cancellation) =>
        _named is not null
        ? _named.Load(SplitName.Test)
        : await LoadAsync(MnistFile.TestImages, MnistFile.TestLabels, cancellation);

    private async Task<DataSplit> LoadAsync(MnistFile images, MnistFile labels, CancellationToken cancellation) =>
        DataSplit.Join(
            IdxFile.Parse(images.Name, await _cache!.ReadAsync(images, cancellation), dimensions: 3),
            IdxFile.Parse(labels.Name, await _cache.ReadAsync(labels, cancellation), dimensions: 1));
}
