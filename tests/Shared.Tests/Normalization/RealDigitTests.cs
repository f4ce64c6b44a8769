using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>Photos, scans and sketches by many hands, read by the default model.</summary>
public sealed class RealDigitTests : IDisposable
{
    // Measured on 1,584 copies: 1,574 right, 1,570 called a digit.
    private const double MinRightShare = 0.993;
    private const double MinDigitShare = 0.99;

    private readonly Reader _reader = new();

    [Fact]
    public void The_model_reads_all_of_them_correctly() => RealDigits.Labeled()
        .Where(picture => Read(picture.Path).Digit != picture.Label)
        .Select(picture => Path.GetFileName(picture.Path))
        .ShouldBeEmpty();

    [Fact]
    public void Pictures_without_a_digit_have_isDigit_false() =>
        RealDigits.NotOneDigit().Where(path => Read(path).IsDigit).Select(Path.GetFileName).ShouldBeEmpty();

    [Fact]
    public void Worse_copies_of_them_are_also_read()
    {
        IReadOnlyList<(string Path, int Label)> pictures = RealDigits.Labeled();
        Distortion[] distortions = Enum.GetValues<Distortion>();
        var wrong = new List<string>();
        int calledDigit = 0;
        for (int n = 0; n < pictures.Count; n++)
        {
            using GrayImage picture = Reader.Decode(File.ReadAllBytes(pictures[n].Path));
            Region box = _reader.Judge(DigitNormalizer.Propose(picture)).ShouldNotBeNull().Candidate.Box;
            foreach (Distortion distortion in distortions)
            {
                using GrayImage copy = DistortedPicture.Make(picture, box, distortion, seed: n);
                (int digit, bool isDigit) = _reader.Read(copy);
                calledDigit += isDigit ? 1 : 0;
                if (digit != pictures[n].Label)
                {
                    wrong.Add($"{Path.GetFileName(pictures[n].Path)} {distortion} as {digit}");
                }
            }
        }

        double copies = pictures.Count * distortions.Length;
        (1 - (wrong.Count / copies)).ShouldBeGreaterThanOrEqualTo(MinRightShare, string.Join(", ", wrong));
        (calledDigit / copies).ShouldBeGreaterThanOrEqualTo(MinDigitShare);
    }

    public void Dispose() => _reader.Dispose();

    private (int Digit, bool IsDigit) Read(string path) => _reader.Read(File.ReadAllBytes(path));
}
