namespace MnistLstm.Shared.Imaging;

/// <summary>
/// The contrast at which ink begins: the level whose outlines are the steepest, after Kohler, "A segmentation system based
/// on thresholding" (1981). Unlike a histogram's valley (Otsu), it does not depend on how little of the picture is ink, and
/// unlike the mean level of all edges, not on paler lines and grain.
/// </summary>
/// <param name="Edge">Half-way between paper and ink, in contrast.</param>
internal readonly record struct InkThreshold(int Edge)
{
    // Levels in steps of a half, so that the middle between two of them is one too.
    private const int Steps = 2 * 256;

    /// <summary>Pixels are compared over this part of the longer side: about the width of a stroke, so that blurred edges count too.</summary>
    private const int PairsAcross = 50;

    // An outline has a few pixels at least. Between two, the longer one wins where it is nearly as steep: the sum of the
    // steepness counts by its mean (exponent 1), a little less.
    private const int ShortestOutline = 8;
    private const double MeanExponent = 0.8;

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
        // A pair of neighbours a < b crosses the levels between, each with the smaller of its distances to a and b: a
        // triangle, kept as the changes of its slope. The number of pairs is kept as its changes.
        Span<int> bends = stackalloc int[Steps + 1];
        Span<int> changes = stackalloc int[Steps + 1];
        bends.Clear();
        changes.Clear();
        int step = Math.Max(1, Math.Max(contrast.Width, contrast.Height) / PairsAcross);
        for (int y = 0; y + step < contrast.Height; y++)
        {
            ReadOnlySpan<byte> row = contrast.Row(y);
            ReadOnlySpan<byte> below = contrast.Row(y + step);
            for (int x = 0; x + step < row.Length; x++)
            {
                Add(row[x], row[x + step], bends, changes);
                Add(row[x], below[x], bends, changes);
            }
        }

        int edge = 0;
        double best = 0;
        long steepness = 0;
        int slope = 0;
        int count = 0;
        for (int level = 0; level < Steps; level++)
        {
            steepness += slope;
            slope += bends[level];
            count += changes[level];
            if (level >= 2 * MinEdge && count >= ShortestOutline && steepness / Math.Pow(count, MeanExponent) is var value && value > best)
            {
                (edge, best) = (level / 2, value);
            }
        }

        return edge == 0 ? null : new InkThreshold(edge);
    }

    private static void Add(byte a, byte b, Span<int> bends, Span<int> changes)
    {
        int difference = Math.Abs(a - b);
        if (difference < 2)
        {
            return;
        }

        int lower = 2 * Math.Min(a, b);
        int upper = lower + (2 * difference);
        bends[lower]++;
        bends[lower + difference] -= 2;
        bends[upper]++;
        changes[lower]++;
        changes[upper]--;
    }
}
