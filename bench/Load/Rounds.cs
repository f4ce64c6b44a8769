namespace MnistLstm.Load;

/// <summary>Summaries of the same measurement in several rounds.</summary>
internal static class Rounds
{
    public static double Median(this IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
