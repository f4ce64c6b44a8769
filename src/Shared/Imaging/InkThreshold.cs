namespace MnistLstm.Shared.Imaging;

/// <summary>
/// The contrast at which ink begins: the mean level along the strongest edges, after Kittler, Illingworth and Föglein,
/// "Threshold selection based on a simple image statistic" (1985). Unlike a histogram's valley (Otsu), it does not depend on
/// how little of the picture is ink.
/// </summary>
/// <param name="Edge">Half-way between paper and ink, in contrast.</param>
/// <param name="Noise">Median difference of neighbouring pixels.</param>
internal readonly record struct InkThreshold(int Edge, int Noise)
{
    // The steepest 0.2 % of pixel pairs tell the height of ink's edges, and all at least half as steep belong to them.
    private const double SteepestShare = 0.002;
    private const int LeastSteepest = 8;
    private const double EdgeSteepness = 0.5;

    // Ink reaches the peak somewhere, and what is connected with it is ink down to the low threshold
    // (hysteresis, Canny, "A computational approach to edge detection", 1986).
    private const double LowShare = 0.8;
    private const double PeakShare = 1.2;

    /// <summary>What differs less from paper than this is not seen as ink, in contrast (0..255).</summary>
    private const int MinEdge = 5;

    public int Low => Math.Max((int)(Edge * LowShare), 1);

    public int Peak => Math.Max((int)(Edge * PeakShare), 1);

    /// <summary>Finds the threshold of a contrast picture; null where nothing stands out from the paper.</summary>
    public static InkThreshold? Find(GrayImage contrast)
    {
        Span<int> differences = stackalloc int[256];
        Edges.Count(contrast, differences);
        int pairs = (contrast.Width - 1) * (contrast.Height - 1);
        int steepest = LevelFromTop(differences, Math.Max((int)(SteepestShare * pairs), LeastSteepest));
        int least = Math.Max((int)(steepest * EdgeSteepness), 1);
        (long sum, long weight) = Edges.Sum(contrast, least);
        int edge = weight == 0 ? 0 : (int)(sum / (2 * weight));
        int noise = LevelFromTop(differences, pairs / 2);
        return edge < MinEdge ? null : new InkThreshold(edge, noise);
    }

    private static int LevelFromTop(ReadOnlySpan<int> histogram, int count)
    {
        int level = histogram.Length;
        int seen = 0;
        while (level > 0 && seen < count)
        {
            seen += histogram[--level];
        }

        return level;
    }
}
