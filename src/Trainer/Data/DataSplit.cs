using MnistLstm.Shared;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>The images and labels of one split.</summary>
/// <param name="Digits">Checked: 28x28 pixels, labels 0 to 9.</param>
/// <param name="Sha256">The hashes of the uncompressed files, by MNIST's own names where they are MNIST's.</param>
/// <param name="IsMnist">Whether both are MNIST's, by their hashes.</param>
public sealed record DataSplit(DigitSet Digits, IReadOnlyDictionary<string, string> Sha256, bool IsMnist)
{
    /// <param name="images">[count, 28, 28].</param>
    /// <param name="labels">[count].</param>
    /// <param name="hashes">Hashes of the files that these were read from; by default of the two arrays.</param>
    /// <exception cref="TrainerException">They do not belong together or are not of MNIST's form.</exception>
    public static DataSplit Join(IdxFile images, IdxFile labels, IReadOnlyDictionary<string, string>? hashes = null)
    {
        DigitSet digits = MnistDataset.Join(images, labels);
        (string ofImages, string ofLabels) = (images.Sha256(), labels.Sha256());
        if (MnistFile.Recognize(ofImages) is { } knownImages && MnistFile.Recognize(ofLabels) is { } knownLabels)
        {
            return new DataSplit(
                digits,
                new Dictionary<string, string> { [knownImages.Name] = ofImages, [knownLabels.Name] = ofLabels },
                IsMnist: true);
        }

        hashes ??= new Dictionary<string, string>
        {
            [NameOf(images.Name)] = ofImages,
            [NameOf(labels.Name)] = ofLabels,
        };
        return new DataSplit(digits, hashes, IsMnist: false);
    }

    /// <summary>The same images with rows and columns exchanged, as EMNIST stores them.</summary>
    public DataSplit Transpose()
    {
        const int Side = RowSequence.TimeSteps;
        var pixels = new byte[Digits.Pixels.Length];
        for (int n = 0; n < Digits.Count; n++)
        {
            ReadOnlySpan<byte> image = Digits.Image(n);
            Span<byte> upright = pixels.AsSpan(n * RowSequence.Length, RowSequence.Length);
            for (int p = 0; p < RowSequence.Length; p++)
            {
                upright[p] = image[(p % Side * Side) + (p / Side)];
            }
        }

        return this with { Digits = Digits with { Pixels = pixels } };
    }

    /// <summary>A file's name as it is uncompressed.</summary>
    public static string NameOf(string path)
    {
        string name = Path.GetFileName(path);
        return name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
    }
}
