using System.Buffers.Binary;
using System.IO.Compression;

namespace MnistLstm.Support;

/// <summary>
/// MNIST images for tests, read from <c>MNIST_DIR</c> by a reader of their own, apart from the trainer's.
/// </summary>
public sealed class MnistImages
{
    private const int ImageHeader = 16;
    private const int LabelHeader = 8;
    private const int ImageLength = 28 * 28;

    private readonly byte[] _images;
    private readonly byte[] _labels;

    private MnistImages(byte[] images, byte[] labels)
    {
        _images = images;
        _labels = labels;
        Count = BinaryPrimitives.ReadInt32BigEndian(labels.AsSpan(4));
    }

    public int Count { get; }

    /// <summary>The folder of MNIST's four files. A test that asks for it is skipped where there is none.</summary>
    public static string Folder
    {
        get
        {
            string? folder = Environment.GetEnvironmentVariable("MNIST_DIR");
            Assert.SkipWhen(
                string.IsNullOrEmpty(folder), "This test needs MNIST: set MNIST_DIR to a folder with its four files.");
            return folder!;
        }
    }

    public static MnistImages Train() => Load("train");

    public static MnistImages Test() => Load("t10k");

    /// <summary>[28, 28], 0 = paper, 255 = ink.</summary>
    public ReadOnlySpan<byte> Pixels(int index) => _images.AsSpan(ImageHeader + (index * ImageLength), ImageLength);

    public int Label(int index) => _labels[LabelHeader + index];

    /// <summary>The image as a grayscale PNG file.</summary>
    public byte[] Png(int index) => Pictures.GrayPng(Pixels(index), 28, 28);

    private static MnistImages Load(string split) => new(
        Read(Path.Combine(Folder, $"{split}-images-idx3-ubyte")),
        Read(Path.Combine(Folder, $"{split}-labels-idx1-ubyte")));

    private static byte[] Read(string path)
    {
        if (File.Exists(path))
        {
            return File.ReadAllBytes(path);
        }

        using FileStream file = File.OpenRead(path + ".gz");
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unzipped.CopyTo(bytes);
        return bytes.ToArray();
    }
}
