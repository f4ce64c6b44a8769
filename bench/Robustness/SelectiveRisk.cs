namespace MnistLstm.Bench.Robustness;

/// <summary>
/// The error among the predictions that are left when the least certain ones are refused (El-Yaniv and Wiener, "On the
/// Foundations of Noise-free Selective Classification", 2010).
/// </summary>
public static class SelectiveRisk
{
    /// <param name="certainty">[N], of each prediction.</param>
    /// <param name="isRight">[N].</param>
    /// <param name="refusedShare">Share of the predictions that is refused, from 0 to below 1.</param>
    /// <returns>Share of wrong ones among the others.</returns>
    public static double Error(ReadOnlySpan<float> certainty, ReadOnlySpan<bool> isRight, double refusedShare)
    {
        float[] keys = certainty.ToArray();
        bool[] right = isRight.ToArray();
        Array.Sort(keys, right);
        bool[] kept = right[(int)Math.Round(refusedShare * right.Length)..];
        return (double)kept.Count(isRight => !isRight) / kept.Length;
    }
}
