namespace MnistLstm.Bench;

/// <summary>Summaries of measurements.</summary>
internal static class Statistics
{
    /// <returns>The middle one, or the mean of the middle two.</returns>
    public static double Median(this IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <param name="values">In any order.</param>
    /// <param name="share">1 is the largest.</param>
    /// <returns>NaN where there are none.</returns>
    public static double Quantile(this IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
    }
}
