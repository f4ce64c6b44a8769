namespace MnistLstm.Trainer.Data;

/// <summary>
/// The order in which TensorFlow's tutorial reader hands out images: a shuffle of the whole training set, then a new
/// shuffle, and so on. A batch that reaches the end of a shuffle is filled up from the next one.
/// </summary>
/// <param name="count">Images in the training set.</param>
/// <param name="seed">The run's seed; shuffle n depends on (seed, n) alone.</param>
public sealed class DataOrder(int count, int seed)
{
    private readonly int[] _shuffled = new int[count];
    private int _epoch = -1;

    /// <summary>Writes the images of a step's batch.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="batch">[B], indices into the training set.</param>
    public void CopyBatch(int step, Span<int> batch)
    {
        long first = (long)step * batch.Length;
        for (int b = 0; b < batch.Length; b++)
        {
            (long epoch, long offset) = Math.DivRem(first + b, count);
            Shuffle((int)epoch);
            batch[b] = _shuffled[offset];
        }
    }

    private void Shuffle(int epoch)
    {
        if (epoch == _epoch)
        {
            return;
        }

        for (int i = 0; i < count; i++)
        {
            _shuffled[i] = i;
        }

        new CounterRandom(seed, RandomPurpose.DataOrder, epoch).Shuffle(_shuffled);
        _epoch = epoch;
    }
}
