using System.Security.Cryptography;

namespace MnistLstm.Trainer.Data;

/// <summary>One of MNIST's four files as it was first published.</summary>
/// <param name="Name">Name of the uncompressed file; the published one has <c>.gz</c> after it.</param>
/// <param name="Sha256">The hash of the uncompressed bytes, in lower-case hex.</param>
public sealed record MnistFile(string Name, string Sha256)
{
    public static MnistFile TrainImages { get; } =
        new("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db");

    public static MnistFile TrainLabels { get; } =
        new("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5");

    public static MnistFile TestImages { get; } =
        new("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7");

    public static MnistFile TestLabels { get; } =
        new("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");

    public static IReadOnlyList<MnistFile> All { get; } = [TrainImages, TrainLabels, TestImages, TestLabels];

    /// <summary>Hashes of all four by name, as a model card has them.</summary>
    public static IReadOnlyDictionary<string, string> Hashes { get; } = All.ToDictionary(file => file.Name, file =>
        file.Sha256);

    /// <summary>The SHA-256 of uncompressed bytes, in lower-case hex.</summary>
    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The file of MNIST that has this content; null where none has.</summary>
    public static MnistFile? Recognize(string sha256) => All.FirstOrDefault(file => file.Sha256 == sha256);
}
