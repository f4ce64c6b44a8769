using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Tests;

public sealed class IsDigitThresholdTests
{
    [Fact]
    public void One_held_out_digit_in_a_hundred_falls_below()
    {
        var random = new CounterRandom(1, 1);
        float[] logits = [.. Enumerable.Range(0, 1_000 * 10).Select(_ => 3 * random.NextNormal())];

        double threshold = IsDigitThreshold.Choose(logits);

        logits.Chunk(10).Count(row => DigitEvidence.FromLogits(row) < threshold).ShouldBe(10);
    }
}
