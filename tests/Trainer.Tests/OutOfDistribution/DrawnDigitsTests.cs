using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.OutOfDistribution;

namespace MnistLstm.Trainer.Tests.OutOfDistribution;

public sealed class DrawnDigitsTests
{
    /// <summary>Other drawings than those of training.</summary>
    private const int Seed = 0;

    private const double LeastRight = 0.99;

    [Fact]
    public void Every_label_appears_in_turn()
    {
        DigitSet drawn = DrawnDigits.Draw(6, Seed, RandomPurpose.HeldOutDrawnDigits);

        drawn.Labels.ShouldBe([1, 7, 0, 3, 4, 5]);
        Enumerable.Range(0, 6).ShouldAllBe(n => drawn.Image(n).ToArray().Max() > 200);
        DrawnDigits.Draw(6, Seed, RandomPurpose.HeldOutDrawnDigits).Pixels.ShouldBe(drawn.Pixels);
        DrawnDigits.Draw(6, Seed + 1, RandomPurpose.HeldOutDrawnDigits).Pixels.ShouldNotBe(drawn.Pixels);
    }

    [Fact]
    public void The_default_model_reads_shapes_of_digits_that_are_rare_in_MNIST()
    {
        DigitSet drawn = DrawnDigits.Draw(2_000, Seed, RandomPurpose.HeldOutDrawnDigits);

        DefaultModel.Accuracy(drawn).ShouldBeGreaterThan(LeastRight);
    }
}
