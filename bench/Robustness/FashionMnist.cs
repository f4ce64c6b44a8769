using MnistLstm.Trainer.Data;

namespace MnistLstm.Bench.Robustness;

/// <summary>
/// Photos of clothes in MNIST's format (Xiao, Rasul and Vollgraf, "Fashion-MNIST", 2017): a yardstick, never training
/// data. The Debian package dataset-fashion-mnist installs it.
/// </summary>
internal static class FashionMnist
{
    public const string FolderVariable = "FASHION_MNIST_DIR";

    private const string InstalledFolder = "/usr/share/datasets/fashion-mnist";

    public const string HowToGet =
        $"Fashion-MNIST was not found. Install the Debian package dataset-fashion-mnist or set {FolderVariable}.";

    /// <summary>Images before it chose the margins of <see cref="Shared.Models.DigitReader"/>.</summary>
    private const int First = 4_000;

    private const int End = 10_000;

    public static readonly string Name = $"Fashion-MNIST, test images {First:N0} to {End - 1:N0}";

    /// <returns>The test images that chose nothing; null where there are none.</returns>
    public static DigitSet? LoadUnseen()
    {
        string? named = Environment.GetEnvironmentVariable(FolderVariable);
        string folder = string.IsNullOrEmpty(named) ? InstalledFolder : named;
        string images = Path.Combine(folder, "t10k-images-idx3-ubyte.gz");
        string labels = Path.Combine(folder, "t10k-labels-idx1-ubyte.gz");
        return File.Exists(images) && File.Exists(labels)
            ? MnistDataset.Join(
                IdxFile.Parse(images, GzipFile.Read(images), dimensions: 3),
                IdxFile.Parse(labels, GzipFile.Read(labels), dimensions: 1)).Slice(First, End)
            : null;
    }
}
