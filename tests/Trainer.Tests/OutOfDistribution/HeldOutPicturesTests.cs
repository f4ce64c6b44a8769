using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.OutOfDistribution;

namespace MnistLstm.Trainer.Tests.OutOfDistribution;

public sealed class HeldOutPicturesTests
{
    [Fact]
    public void Rejection_rates_come_from_digits_that_did_not_choose_the_threshold()
    {
        // Every second digit is drawn with gray ink, and the model has less evidence for gray: it chose with black ink
        // alone.
        DigitSet digits = BarDigits.Make(80, stream: 1);
        for (int n = 1; n < digits.Count; n += 2)
        {
            Span<byte> image = digits.Pixels.AsSpan(n * RowSequence.Length, RowSequence.Length);
            for (int p = 0; p < image.Length; p++)
            {
                image[p] /= 25;
            }
        }

        double threshold = HeldOutPictures.ChooseThreshold(Darkness, digits);
        RejectionRates refused = HeldOutPictures.Measure(Darkness, digits, threshold, unseenShare: 0);

        threshold.ShouldBe(HeldOutPictures.ChooseThreshold(Darkness, Doubled(digits.Half(0))));
        refused.Digits.ShouldBe(1);
    }

    /// <summary>Each digit twice, one after the other.</summary>
    private static DigitSet Doubled(DigitSet digits) => new(
        [.. Enumerable.Range(0, digits.Count)
            .SelectMany(n => digits.Image(n).ToArray().Concat(digits.Image(n).ToArray()))],
        [.. digits.Labels.SelectMany(label => new[] { label, label })]);

    /// <summary>Logits whose evidence grows with the darkest ink.</summary>
    private static float[] Darkness(DigitSet digits) =>
        [.. Enumerable.Range(0, digits.Count)
            .SelectMany(n => Enumerable.Repeat((float)digits.Image(n).ToArray().Max(), ModelContract.Classes))];
}
