using System.Numerics.Tensors;
using MnistLstm.Shared.Imaging;
using MnistLstm.Shared.Models;

namespace MnistLstm.Shared.Tests.Imaging;

/// <summary>Photos, scans and sketches by many hands, read by the default model.</summary>
public sealed class RealDigitTests : IDisposable
{
    private const int MostWrong = 1;

    // Of 792 copies by each of four seeds, 99.1 to 99.4 % were right and 98.4 to 98.9 % called a digit.
    private const double LeastOfDistorted = 0.98;

    private readonly DigitClassifier _classifier = DigitClassifier.Load(Repository.PathOf("models", "digits.onnx"));
    private readonly ClassifierBatch _batch;

    public RealDigitTests() => _batch = _classifier.CreateBatch(1);

    [Fact]
    public void Nearly_all_are_read_right()
    {
        string[] wrong =
        [
            .. RealDigits.Labelled().Where(picture => Read(picture.Path).Digit != picture.Label).Select(picture => Path.GetFileName(picture.Path))
        ];

        wrong.Length.ShouldBeLessThanOrEqualTo(MostWrong, string.Join(", ", wrong));
    }

    [Fact]
    public void What_is_no_digit_is_said_to_be_none() =>
        RealDigits.NotOneDigit().Where(path => Read(path).IsDigit).Select(Path.GetFileName).ShouldBeEmpty();

    [Fact]
    public void Worse_copies_of_them_are_read_as_well()
    {
        IReadOnlyList<(string Path, int Label)> pictures = RealDigits.Labelled();
        Distortion[] distortions = Enum.GetValues<Distortion>();
        int right = 0;
        int believed = 0;
        for (int n = 0; n < pictures.Count; n++)
        {
            using GrayImage picture = Decode(pictures[n].Path);
            foreach (Distortion distortion in distortions)
            {
                using GrayImage copy = DistortedPicture.Make(picture, distortion, seed: n);
                (int digit, bool isDigit) = Read(copy);
                right += digit == pictures[n].Label ? 1 : 0;
                believed += isDigit ? 1 : 0;
            }
        }

        double copies = pictures.Count * distortions.Length;
        (right / copies).ShouldBeGreaterThanOrEqualTo(LeastOfDistorted);
        (believed / copies).ShouldBeGreaterThanOrEqualTo(LeastOfDistorted);
    }

    public void Dispose()
    {
        _batch.Dispose();
        _classifier.Dispose();
    }

    private static GrayImage Decode(string path)
    {
        ImageDecoder.Decode(File.ReadAllBytes(path), ImageLimits.Default, out GrayImage? image);
        return image.ShouldNotBeNull(path);
    }

    private (int Digit, bool IsDigit) Read(string path)
    {
        using GrayImage picture = Decode(path);
        return Read(picture);
    }

    private (int Digit, bool IsDigit) Read(GrayImage picture)
    {
        byte[] pixels = new byte[RowSequence.Length];
        NormalizedDigit found = DigitNormalizer.Normalize(picture, pixels);
        RowSequence.FromPixels(pixels, _batch.Rows(0));
        _batch.Run(1);
        return (TensorPrimitives.IndexOfMax(_batch.Probabilities(0)), found.HasInk && _classifier.Card.IsDigit(_batch.Logits(0), found.IsAlone));
    }
}
