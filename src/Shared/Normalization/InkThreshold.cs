using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

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

    // Ink reaches the edge somewhere, and what is connected with it is ink down to the low threshold
    // (hysteresis, Canny, "A computational approach to edge detection", 1986).
    private const double LowShare = 0.8;

    // The palest ink has this share of the contrast of most of it, and more than most of the picture has, which is grain. Soft
    // edges alone are less than the share of ink.
    private const double PalestShare = 0.3;
    private const double GrainShare = 0.2;
    private const double MinPaleShare = 0.15;

    /// <summary>What differs less from paper than this is not seen as ink, in contrast (0..255).</summary>
    private const int MinEdge = 5;

    /// <summary>
    /// The threshold for ink that is paler, above the grain of the paper; null where next to nothing lies between the two.
    /// </summary>
    public InkThreshold? Lower(GrayImage contrast)
    {
        ReadOnlySpan<byte> pixels = contrast.Pixels;
        int grain = Levels.FromTop(pixels, (int)(GrainShare * pixels.Length));
        int edge = Math.Max((int)(PalestShare * Edge), Math.Max(2 * grain, MinEdge));
        if (edge >= Low)
        {
            return null;
        }

        int between = Levels.CountBetween(pixels, (byte)edge, (byte)(Low - 1));
        int above = Levels.CountBetween(pixels, (byte)Low, byte.MaxValue);
        return between < MinPaleShare * above ? null : new InkThreshold(edge);
    }

    /// <summary>Turns a contrast picture into ink from 0 to 255, in place.</summary>
    public GrayImage ToInk(GrayImage contrast)
    {
        foreach (ref byte pixel in contrast.Pixels)
        {
            pixel = (byte)Math.Min(byte.MaxValue * pixel / (2 * Edge), byte.MaxValue);
        }

        return contrast;
    }

    /// <summary>What is connected with ink is ink down to this contrast.</summary>
    public int Low => Math.Max((int)(Edge * LowShare), 1);

    /// <summary>Finds the threshold of a contrast picture; null where nothing stands out from the paper.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public static InkThreshold? Find(GrayImage contrast)
    {
        Span<int> slopes = stackalloc int[Steps + 1];
        Span<int> counts = stackalloc int[Steps + 1];
        slopes.Clear();
        counts.Clear();
        int step = Math.Max(1, Math.Max(contrast.Width, contrast.Height) / PairsAcross);
        for (int y = 0; y < contrast.Height; y++)
        {
            // What is nearer to the border than a step is compared with the border itself.
            ReadOnlySpan<byte> row = contrast.Row(y);
            ReadOnlySpan<byte> above = contrast.Row(Math.Max(y - step, 0));
            ReadOnlySpan<byte> below = contrast.Row(Math.Min(y + step, contrast.Height - 1));
            int x = 0;
            while (row[x..].IndexOfAnyInRange((byte)(MinEdge + 1), byte.MaxValue) is var skipped and >= 0)
            {
                x += skipped;
                Add(row[Math.Max(x - step, 0)], row[x], slopes, counts);
                Add(row[Math.Min(x + step, row.Length - 1)], row[x], slopes, counts);
                Add(above[x], row[x], slopes, counts);
                Add(below[x], row[x], slopes, counts);
                x++;
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
            slope += slopes[level];
            count += counts[level];
            double mean = (double)steepness / Math.Max(count, 1);
            double value = mean * mean * mean * mean * steepness;
            if (level >= 2 * MinEdge && value > best)
            {
                (edge, best) = (level / 2, value);
            }
        }

        return edge == 0 ? null : new InkThreshold(edge);
    }

    /// <summary>
    /// A pair of pixels crosses the levels between, each with the smaller of its distances to the two: a triangle, kept as the
    /// changes of its slope.
    /// </summary>
    private static void Add(byte low, byte high, Span<int> slopes, Span<int> counts)
    {
        if (low < high)
        {
            slopes[2 * low]++;
            slopes[low + high] -= 2;
            slopes[2 * high]++;
            counts[2 * low]++;
            counts[2 * high]--;
        }
    }
}
