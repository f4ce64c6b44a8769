using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.Tests.Evaluation;

public sealed class IsDigitThresholdTests
{
    private const int Count = 1_000;

    [Theory]
    [InlineData(0f, 50f)]
    [InlineData(50f, 0f)]
    [InlineData(0f, 0f)]
    public void It_rejects_at_most_the_allowed_share_of_digits_and_of_pictures(float digitsAbove, float picturesAbove)
    {
        float[] digits = Logits(digitsAbove);
        float[] pictures = Logits(picturesAbove);

        double threshold = IsDigitThreshold.Choose(digits, pictures);

        double ofDigits = Refused(digits, threshold);
        double ofPictures = Refused(pictures, threshold);
        ofDigits.ShouldBeLessThanOrEqualTo(IsDigitThreshold.DigitsRefused);
        ofPictures.ShouldBeLessThanOrEqualTo(IsDigitThreshold.PicturesRefused);
        (ofDigits == IsDigitThreshold.DigitsRefused || ofPictures == IsDigitThreshold.PicturesRefused).ShouldBeTrue();
    }

    /// <summary>Images whose evidence rises in equal steps.</summary>
    private static float[] Logits(float above) =>
        [.. Enumerable.Range(0, Count).SelectMany(n => Enumerable.Repeat(above + (n * 0.01f), ModelContract.Classes))];

    private static double Refused(float[] logits, double threshold) =>
        (double)IsDigitThreshold.Evidence(logits).Count(e => e < threshold) / Count;
}
