using System.Numerics.Tensors;
using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.OutOfDistribution;

namespace MnistLstm.Trainer.Tests.OutOfDistribution;

public sealed class PhotographedDigitsTests
{
    private const int Seed = 0;
    private const int Count = 60;

    /// <summary>Rounding, a cosine: what is written is at least as like its digit as the least that is taken.</summary>
    private const float MinLikeness = 0.71f;

    private static readonly DigitSet Digits = DrawnDigits.Draw(100, Seed, RandomPurpose.HeldOutDrawnDigits);

    [Fact]
    public void Each_photo_shows_the_digit_of_its_label()
    {
        DigitSet photos = PhotographedDigits.Draw(Digits, Count, Seed, RandomPurpose.PhotographedDigits);

        photos.Count.ShouldBe(Count);
        Enumerable.Range(0, Count).ShouldAllBe(n => IsLikeADigitOfItsLabel(photos, n));
    }

    [Fact]
    public void A_seed_gives_the_same_photos()
    {
        DigitSet photos = PhotographedDigits.Draw(Digits, Count, Seed, RandomPurpose.PhotographedDigits);

        PhotographedDigits.Draw(Digits, Count, Seed, RandomPurpose.PhotographedDigits).Pixels
            .ShouldBe(photos.Pixels);
        PhotographedDigits.Draw(Digits, Count, Seed + 1, RandomPurpose.PhotographedDigits).Pixels
            .ShouldNotBe(photos.Pixels);
    }

    [Fact]
    public void Digits_that_no_photo_shows_stay_as_they_are()
    {
        var blank = new DigitSet(new byte[2 * RowSequence.Length], [3, 5]);

        DigitSet photos = PhotographedDigits.Draw(blank, 2, Seed, RandomPurpose.PhotographedDigits);

        photos.Pixels.ShouldAllBe(pixel => pixel == 0);
        photos.Labels.ShouldBeSubsetOf(blank.Labels);
    }

    private static bool IsLikeADigitOfItsLabel(DigitSet photos, int n) =>
        Enumerable.Range(0, Digits.Count).Any(d => Digits.Labels[d] == photos.Labels[n]
            && TensorPrimitives.CosineSimilarity<float>(
                ToFloat(Digits.Image(d)), ToFloat(photos.Image(n))) > MinLikeness);

    private static float[] ToFloat(ReadOnlySpan<byte> pixels)
    {
        var values = new float[pixels.Length];
        TensorPrimitives.ConvertChecked(pixels, values);
        return values;
    }
}
