using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>The source of a run's data: a named folder, or else a cache of MNIST that fills itself.</summary>
/// <param name="named">Null for the cache.</param>
public sealed class MnistSource(DataFolder? named)
{
    private readonly MnistCache _cache = MnistCache.OfUser();

    /// <summary>Whether someone named the folder.</summary>
    public bool IsNamed => named is not null;

    public string Folder => named?.Path ?? _cache.Folder;

    /// <summary>The folder of <c>--data</c>, else of <c>MNIST_DIR</c>, else the user's cache.</summary>
    public static MnistSource Find(string? dataOption)
    {
        string? environment = Environment.GetEnvironmentVariable("MNIST_DIR");
        return new MnistSource(
            !string.IsNullOrEmpty(dataOption) ? new DataFolder(dataOption, "--data")
            : !string.IsNullOrEmpty(environment) ? new DataFolder(environment, "MNIST_DIR")
            : null);
    }

    /// <exception cref="TrainerException">Files are missing, damaged or do not belong together.</exception>
    public async Task<DataSplit> LoadTrainAsync(CancellationToken cancellation) =>
        named is not null
        ? named.Load(SplitName.Train) ?? throw named.MissingTrain()
        : await LoadAsync(MnistFile.TrainImages, MnistFile.TrainLabels, cancellation);

    /// <returns>Null where the folder has training images alone.</returns>
    /// <exception cref="TrainerException">Files are missing, damaged or do not belong together.</exception>
    public async Task<DataSplit?> LoadTestAsync(CancellationToken cancellation) =>
        named is not null
        ? named.Load(SplitName.Test)
        : await LoadAsync(MnistFile.TestImages, MnistFile.TestLabels, cancellation);

    private async Task<DataSplit> LoadAsync(MnistFile images, MnistFile labels, CancellationToken cancellation) =>
        DataSplit.Join(
            IdxFile.Parse(images.Name, await _cache.ReadAsync(images, cancellation), dimensions: 3),
            IdxFile.Parse(labels.Name, await _cache.ReadAsync(labels, cancellation), dimensions: 1));
}
