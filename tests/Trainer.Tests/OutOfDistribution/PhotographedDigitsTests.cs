using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.OutOfDistribution;

namespace MnistLstm.Trainer.Tests.OutOfDistribution;

public sealed class PhotographedDigitsTests
{
    private const int Seed = 0;

    /// <summary>The model learned from other digits, and the photos are hard. Wrong labels would give 10 %.</summary>
    private const double MinAccuracy = 0.9;

    private static readonly DigitSet Digits = DrawnDigits.Draw(100, Seed, RandomPurpose.HeldOutDrawnDigits);

    [Fact]
    public void The_default_model_reads_most_photos_as_their_labels()
    {
        DigitSet photos = PhotographedDigits.Draw(Digits, 500, Seed, RandomPurpose.PhotographedDigits);

        DefaultModel.Accuracy(photos).ShouldBeGreaterThan(MinAccuracy);
    }

    [Fact]
    public void Most_digits_are_shown_in_photos()
    {
        var one = new DigitSet(Digits.Image(0).ToArray(), [Digits.Labels[0]]);

        DigitSet photos = PhotographedDigits.Draw(one, 100, Seed, RandomPurpose.PhotographedDigits);

        Enumerable.Range(0, 100).Count(n => photos.Image(n).SequenceEqual(one.Image(0))).ShouldBeLessThan(10);
        Enumerable.Range(0, 100).Select(n => Convert.ToHexString(photos.Image(n))).Distinct().Count()
            .ShouldBeGreaterThan(90);
    }

    [Fact]
    public void A_seed_gives_the_same_photos()
    {
        DigitSet photos = PhotographedDigits.Draw(Digits, 10, Seed, RandomPurpose.PhotographedDigits);

        PhotographedDigits.Draw(Digits, 10, Seed, RandomPurpose.PhotographedDigits).Pixels.ShouldBe(photos.Pixels);
        PhotographedDigits.Draw(Digits, 10, Seed + 1, RandomPurpose.PhotographedDigits).Pixels
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

    [Fact]
    public async Task Drawing_can_be_stopped()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        // This number takes much longer than that.
        await Should.ThrowAsync<OperationCanceledException>(Task.Run(() => PhotographedDigits.Draw(
            Digits, 50_000, Seed, RandomPurpose.PhotographedDigits, stop.Token)));
    }
}
