using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.Tests.Data;

/// <summary>The order of TensorFlow's tutorial reader.</summary>
public sealed class DataOrderTests
{
    private const int Count = 100;
    private const int BatchSize = 30;

    [Fact]
    public void Every_image_appears_once_before_any_appears_again()
    {
        int[] first = [.. Stream(seed: 1).Take(Count)];
        int[] second = [.. Stream(seed: 1).Skip(Count).Take(Count)];

        first.Order().ShouldBe(Enumerable.Range(0, Count));
        second.Order().ShouldBe(Enumerable.Range(0, Count));
        second.ShouldNotBe(first);
    }

    [Fact]
    public void A_batch_at_the_end_is_filled_up_from_the_next_shuffle()
    {
        int[] lastOfFirst = Batch(new DataOrder(Count, seed: 1), step: 3); // images 90 to 119

        lastOfFirst.Length.ShouldBe(BatchSize);
        int[] shuffle = [.. Stream(seed: 1).Take(2 * Count)];
        lastOfFirst.ShouldBe(shuffle[90..120]);
    }

    [Fact]
    public void A_step_s_batch_does_not_depend_on_the_steps_before()
    {
        var order = new DataOrder(Count, seed: 1);
        int[] inOrder = [.. Enumerable.Range(0, 8).SelectMany(step => Batch(order, step))];

        int[] alone = Batch(new DataOrder(Count, seed: 1), step: 7);

        alone.ShouldBe(inOrder[^BatchSize..]);
    }

    [Fact]
    public void The_seed_determines_the_shuffle()
    {
        Stream(seed: 1).Take(Count).ShouldBe(Stream(seed: 1).Take(Count));
        Stream(seed: 2).Take(Count).ShouldNotBe(Stream(seed: 1).Take(Count));
    }

    private static IEnumerable<int> Stream(int seed)
    {
        var order = new DataOrder(Count, seed);
        return Enumerable.Range(0, 10).SelectMany(step => Batch(order, step));
    }

    private static int[] Batch(DataOrder order, int step)
    {
        int[] batch = new int[BatchSize];
        order.CopyBatch(step, batch);
        return batch;
    }
}
