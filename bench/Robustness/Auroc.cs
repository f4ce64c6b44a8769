namespace MnistLstm.Bench.Robustness;

/// <summary>
/// The area under the receiver operating characteristic: the probability that a random positive scores higher than a
/// random negative (Mann and Whitney, 1947; Hanley and McNeil, 1982). Ties count half.
/// </summary>
public static class Auroc
{
    /// <param name="positives">Scores that should be high; at least one.</param>
    /// <param name="negatives">Scores that should be low; at least one.</param>
    /// <returns>0.5 = chance, 1 = every positive scores higher than every negative.</returns>
    public static double Measure(ReadOnlySpan<float> positives, ReadOnlySpan<float> negatives)
    {
        if (positives.IsEmpty || negatives.IsEmpty)
        {
            throw new ArgumentException(
                $"There are {positives.Length} positives and {negatives.Length} negatives; one of each is needed.");
        }

        float[] sorted = negatives.ToArray();
        Array.Sort(sorted);
        double wins = 0;
        foreach (float score in positives)
        {
            int lower = FirstAtLeast(sorted, score);
            int notHigher = FirstAtLeast(sorted, MathF.BitIncrement(score));
            wins += (lower + notHigher) / 2.0;
        }

        return wins / ((double)positives.Length * negatives.Length);
    }

    private static int FirstAtLeast(float[] sorted, float value)
    {
        int low = 0;
        int high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
