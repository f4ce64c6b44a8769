namespace MnistLstm.Trainer.Data;

/// <summary>The order of learning: each epoch shuffles the whole set, as TensorFlow's tutorial reader does.</summary>
/// <param name="seed">The run's seed; the shuffle of an epoch depends on (seed, purpose, epoch) alone.</param>
public sealed class DataOrder(int count, int seed, int purpose = RandomPurpose.DataOrder)
{
    private int[] _shuffled = [];
    private int _epoch = -1;

    /// <summary>All images of an epoch, from 0. Valid until another epoch is asked for.</summary>
    public ReadOnlyMemory<int> OfEpoch(int epoch)
    {
        if (epoch != _epoch)
        {
            _shuffled = [.. Enumerable.Range(0, count)];
            new CounterRandom(seed, purpose, epoch).Shuffle(_shuffled);
            _epoch = epoch;
        }

        return _shuffled;
    }

    /// <summary>Writes a step's batch. One that reaches the end of an epoch is filled up from the next.</summary>
    /// <param name="step">Counted from 0.</param>
    /// <param name="batch">[B], indices into the training set.</param>
    public void CopyBatch(int step, Span<int> batch)
    {
        long first = (long)step * batch.Length;
        for (int b = 0; b < batch.Length; b++)
        {
            (long epoch, long offset) = Math.DivRem(first + b, count);
            batch[b] = OfEpoch((int)epoch).Span[(int)offset];
        }
    }
}
