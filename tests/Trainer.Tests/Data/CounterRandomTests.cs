using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.Tests.Data;

public sealed class CounterRandomTests
{
    private const int Draws = 100_000;

    [Fact]
    public void The_key_alone_decides_the_numbers()
    {
        var one = new CounterRandom(1, 2, 3, 4);
        var same = new CounterRandom(1, 2, 3, 4);
        CounterRandom[] others = [new(2, 2, 3, 4), new(1, 3, 3, 4), new(1, 2, 4, 4), new(1, 2, 3, 5), new(4, 3, 2, 1)];

        ulong first = one.NextBits();

        same.NextBits().ShouldBe(first);
        others.Select(other => other.NextBits()).Append(first).ShouldBeUnique();
    }

    [Fact]
    public void Uniform_numbers_fill_their_interval_evenly()
    {
        var random = new CounterRandom(1, 1);
        float[] values = [.. Enumerable.Range(0, Draws).Select(_ => random.NextSingle())];

        values.ShouldAllBe(value => value >= 0 && value < 1);
        int[] tenths = [.. values.GroupBy(value => (int)(value * 10)).Select(tenth => tenth.Count())];
        tenths.Length.ShouldBe(10);
        tenths.ShouldAllBe(count => Math.Abs(count - (Draws / 10)) < 500); // five standard deviations of 95
    }

    [Fact]
    public void Normal_numbers_have_mean_zero_and_deviation_one()
    {
        var random = new CounterRandom(1, 1);
        double[] values = [.. Enumerable.Range(0, Draws).Select(_ => (double)random.NextNormal())];

        values.Average().ShouldBe(0, 5 / Math.Sqrt(Draws));
        values.Average(value => value * value).ShouldBe(1, 5 * Math.Sqrt(2.0 / Draws));
        ((double)values.Count(value => Math.Abs(value) < 1) / Draws).ShouldBe(0.6827, 0.008);
    }

    [Fact]
    public void A_shuffle_can_put_every_item_at_every_position()
    {
        int[] atZero = new int[5];
        for (int n = 0; n < 5_000; n++)
        {
            int[] items = [0, 1, 2, 3, 4];
            new CounterRandom(n, 1).Shuffle(items);
            items.Order().ShouldBe([0, 1, 2, 3, 4]);
            atZero[items[0]]++;
        }

        atZero.ShouldAllBe(count => Math.Abs(count - 1_000) < 150); // five standard deviations of 28
    }
}
