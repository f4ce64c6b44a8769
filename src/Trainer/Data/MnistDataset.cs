using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>MNIST, or another data set in its form, in three splits.</summary>
/// <param name="Train">MNIST: the 55,000 training images that are left.</param>
/// <param name="Validation">
/// Every choice is made on these. MNIST: the first 5,000 training images, as in TensorFlow's tutorial reader; other
/// sets: the same share of theirs, by chance.
/// </param>
/// <param name="Test">Read once, for the report. MNIST: the 10,000 test images.</param>
public sealed record MnistDataset(DigitSet Train, DigitSet Validation, DigitSet Test)
{
    /// <summary>One of this many training images is held out: 5,000 of MNIST's 60,000.</summary>
    public const int ImagesForOneHeldOut = 12;

    /// <summary>Without test images, one of this many images becomes one: MNIST has 10,000 of 70,000.</summary>
    public const int ImagesForOneTest = 7;

    private const int LeastTrain = 1_000;
    private const int LeastTest = 128; // the post's log has the accuracy on this many

    /// <summary>SHA-256 of the uncompressed files, by name.</summary>
    public IReadOnlyDictionary<string, string> Sha256 { get; init; } = new Dictionary<string, string>();

    /// <summary>The line of a checkpoint's recipe that tells the images that a network learns from.</summary>
    public string Recipe => field ??= $"the data {MnistFile.Hash([.. Train.Pixels, .. Train.Labels])[..12]}";

    /// <summary>The name of the data; null for MNIST.</summary>
    public string? Note { get; init; }

    /// <summary>The test images in words, for reports.</summary>
    public string TestName => Note is null ? "MNIST's test images" : "the test images";

    /// <exception cref="TrainerException">A file is missing, damaged, too small or not of MNIST's form.</exception>
    public static async Task<MnistDataset> LoadAsync(MnistSource source, CancellationToken cancellation)
    {
        DataSplit? test = await source.LoadTestAsync(cancellation);
        DataSplit train = await LoadTrainAsync(source, hasTest: test is not null, cancellation);
        DigitSet digits = train.IsMnist ? train.Digits : Shuffle(train.Digits);
        int ofTest = test is null ? digits.Count / ImagesForOneTest : 0;
        DigitSet testDigits = test?.Digits ?? digits.Slice(0, ofTest);
        int heldOut = (digits.Count - ofTest) / ImagesForOneHeldOut;
        RequireEnough(source, digits.Count - ofTest, testDigits.Count);
        var data = new MnistDataset(
            Train: digits.Slice(ofTest + heldOut, digits.Count),
            Validation: digits.Slice(ofTest, ofTest + heldOut),
            Test: testDigits)
        {
            Sha256 = train.Sha256.Concat((test ?? train).Sha256).DistinctBy(pair => pair.Key).ToDictionary(),
        };
        return train.IsMnist && test is { IsMnist: true }
            ? data
            : data with { Note = data.Describe(source, train, test) };
    }

    /// <summary>The test images alone.</summary>
    /// <exception cref="TrainerException">A file is missing, damaged or not of MNIST's form.</exception>
    public static async Task<DataSplit> LoadTestAsync(MnistSource source, CancellationToken cancellation)
    {
        if (await source.LoadTestAsync(cancellation) is { } test)
        {
            return test;
        }

        DataSplit train = await LoadTrainAsync(source, hasTest: false, cancellation);
        DigitSet digits = Shuffle(train.Digits);
        return train with { Digits = digits.Slice(0, digits.Count / ImagesForOneTest), IsMnist = false };
    }

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
            : throw new TrainerException(
                $"'{labels.Name}' has the label {labels.Elements[wrong]} at {wrong:N0}; labels are 0 to 9.");
    }

    private static async Task<DataSplit> LoadTrainAsync(
        MnistSource source, bool hasTest, CancellationToken cancellation)
    {
        DataSplit train = await source.LoadTrainAsync(cancellation);
        return hasTest || !train.IsMnist
            ? train
            : throw new TrainerException(
                $"'{source.Folder}' has MNIST's training images without its test images: copy "
                + $"'{MnistFile.TestImages.Name}' and '{MnistFile.TestLabels.Name}' there too.");
    }

    private static void RequireEnough(MnistSource source, int train, int test)
    {
        if (train < LeastTrain || test < LeastTest)
        {
            throw new TrainerException(
                $"'{source.Folder}' has {train:N0} training images and {test:N0} test images; a network needs at least "
                + $"{LeastTrain:N0} and {LeastTest}. A trained model learns from a few pictures of your own with "
                + $"refine --images.");
        }
    }

    private string Describe(MnistSource source, DataSplit train, DataSplit? test)
    {
        string different = (train.IsMnist, test?.IsMnist) switch
        {
            (true, false) => "its training images are MNIST's, its test images are not",
            (false, true) => "its test images are MNIST's, its training images are not",
            _ => "by the hashes of its files",
        };
        int[] missing =
            [.. Enumerable.Range(0, ModelContract.Classes).Where(d => !train.Digits.Labels.Contains((byte)d))];
        return $"The data in '{source.Folder}' is not MNIST ({different}): {Train.Count:N0} images to learn from, "
            + $"{Validation.Count:N0} held out of them, {Test.Count:N0} test images"
            + (test is null ? ", which are part of the training images because there are no others." : ".")
            + (missing.Length > 0 ? $" There is no image of {string.Join(", ", missing)}." : "");
    }

    /// <summary>In an order by chance, always the same: files may be sorted by label.</summary>
    private static DigitSet Shuffle(DigitSet digits) =>
        digits.Choose(new DataOrder(digits.Count, seed: 0, RandomPurpose.HeldOutImages).OfEpoch(0).Span);
}
