using MnistLstm.Bench.Robustness;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.Tests.Robustness;

public sealed class AurocTests
{
    private const double Rounding = 1e-12;

    [Fact]
    public void Perfect_scores_give_1_and_inverted_ones_0()
    {
        Auroc.Measure([5, 6, 7], [1, 2]).ShouldBe(1);
        Auroc.Measure([1, 2], [5, 6, 7]).ShouldBe(0);
    }

    [Fact]
    public void A_tie_counts_half()
    {
        Auroc.Measure([3, 3], [3]).ShouldBe(0.5);
        Auroc.Measure([3, 4], [3]).ShouldBe(0.75);
    }

    [Fact]
    public void Negative_infinity_is_the_lowest_score() =>
        Auroc.Measure([1, float.NegativeInfinity], [float.NegativeInfinity, 0]).ShouldBe(0.625);

    [Fact]
    public void It_is_the_share_of_pairs_in_the_right_order()
    {
        var random = new CounterRandom(0, 1);
        float[] positives = [.. Enumerable.Range(0, 50).Select(_ => (float)random.NextInt(20) + 3)];
        float[] negatives = [.. Enumerable.Range(0, 70).Select(_ => (float)random.NextInt(20))];

        double pairs = positives.Sum(p => negatives.Sum(n => p > n ? 1 : p == n ? 0.5 : 0)) / (50 * 70);

        Auroc.Measure(positives, negatives).ShouldBe(pairs, Rounding);
    }

    [Fact]
    public void Without_positives_or_negatives_there_is_not_a_area()
    {
        Should.Throw<ArgumentException>(() => Auroc.Measure([], [1])).Message.ShouldContain("0 positives");
        Should.Throw<ArgumentException>(() => Auroc.Measure([1], [])).Message.ShouldContain("0 negatives");
    }
}
