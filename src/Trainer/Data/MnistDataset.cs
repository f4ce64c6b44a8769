using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>MNIST in the split of TensorFlow's tutorial reader: the first 5,000 training images are held out.</summary>
/// <param name="Train">The other 55,000 training images.</param>
/// <param name="Validation">The first 5,000 training images: every choice is made on these.</param>
/// <param name="Test">The 10,000 test images: read once, for the report.</param>
public sealed record MnistDataset(DigitSet Train, DigitSet Validation, DigitSet Test)
{
    public const int ValidationCount = 5_000;

    /// <summary>SHA-256 of the uncompressed files, by name; what <see cref="LoadAsync"/> has checked.</summary>
    public static IReadOnlyDictionary<string, string> Sha256 { get; } =
        MnistFile.All.ToDictionary(file => file.Name, file => file.Sha256);

    /// <exception cref="TrainerException">A file is missing, damaged or not MNIST's.</exception>
    public static async Task<MnistDataset> LoadAsync(
        MnistSource source, IProgress<Download>? downloads, CancellationToken cancellation)
    {
        DigitSet train = await LoadSetAsync(source, MnistFile.TrainImages, MnistFile.TrainLabels, downloads, cancellation);
        DigitSet test = await LoadTestAsync(source, downloads, cancellation);
        return new MnistDataset(
            Train: train.Slice(ValidationCount, train.Count),
            Validation: train.Slice(0, ValidationCount),
            Test: test);
    }

    /// <summary>The 10,000 test images alone.</summary>
    /// <exception cref="TrainerException">A file is missing, damaged or not MNIST's.</exception>
    public static Task<DigitSet> LoadTestAsync(
        MnistSource source, IProgress<Download>? downloads, CancellationToken cancellation) =>
        LoadSetAsync(source, MnistFile.TestImages, MnistFile.TestLabels, downloads, cancellation);

    /// <summary>Images [count, 28, 28] and labels [count] of one split.</summary>
    /// <exception cref="TrainerException">They do not belong together or are not of MNIST's form.</exception>
    public static DigitSet Join(IdxFile images, IdxFile labels)
    {
        if (images.Shape[1] != RowSequence.TimeSteps || images.Shape[2] != RowSequence.Features)
        {
            throw new TrainerException(
                $"'{images.Name}' has images of {images.Shape[1]} x {images.Shape[2]} pixels; MNIST's are "
                + $"{RowSequence.TimeSteps} x {RowSequence.Features}.");
        }

        if (images.Shape[0] != labels.Shape[0])
        {
            throw new TrainerException(
                $"'{images.Name}' has {images.Shape[0]:N0} images and '{labels.Name}' {labels.Shape[0]:N0} labels: "
                + "they do not belong together.");
        }

        int wrong = labels.Elements.IndexOfAnyExceptInRange((byte)0, (byte)(ModelContract.Classes - 1));
        return wrong < 0
            ? new DigitSet(images.Elements.ToArray(), labels.Elements.ToArray())
            : throw new TrainerException($"'{labels.Name}' has the label {labels.Elements[wrong]} at {wrong:N0}; labels are 0 to 9.");
    }

    private static async Task<DigitSet> LoadSetAsync(
        MnistSource source, MnistFile images, MnistFile labels, IProgress<Download>? downloads, CancellationToken cancellation) => Join(
        IdxFile.Parse(images.Name, await source.ReadAsync(images, downloads, cancellation), dimensions: 3),
        IdxFile.Parse(labels.Name, await source.ReadAsync(labels, downloads, cancellation), dimensions: 1));
}
