using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// The contrast at which ink begins: the level whose outlines are the steepest, after Kohler, "A segmentation system
/// based on thresholding" (1981). Unlike a histogram's valley (Otsu), it does not depend on how little of the picture
/// is ink, and unlike the mean level of all edges, not on paler lines and grain.
/// </summary>
/// <param name="Edge">Half-way between paper and ink, in contrast.</param>
/// <param name="IsSmall">Whether strokes may be narrower than a pixel, so that they are of any contrast.</param>
internal readonly record struct InkThreshold(int Edge, bool IsSmall)
{
    // The pixels of a pair are this part of the longer side apart, about a stroke's width, so that blurred edges count.
    private const int PairsAcross = 50;

    /// <summary>At this distance of the pairs, in pixels, every second row has enough of an outline.</summary>
    private const int LeastStepOfSample = 4;

    private const long Bend = 1L << 32;

    // Ink reaches the peak somewhere, and what is connected with it is ink down to the low threshold: this share of the
    // edge above it and below it (Canny, "A computational approach to edge detection", 1986). With a peak of 1, 18.4 %
    // of MNIST-C's digits with impulse noise are misread instead of 14.9 %.
    private const double Hysteresis = 0.2;
    private const double HysteresisOfSmall = 0.5;

    /// <summary>In pixels: a picture with no longer side is small, and so is a digit with only shorter ones.</summary>
    public const int SmallSide = 40;

    /// <summary>Pixels that differ less are even.</summary>
    private const int LeastDifference = 2;

    /// <summary>Share of the step from paper to ink over which ink goes from 0 to 255: what is left of blur.</summary>
    private const double EdgeSoftness = 0.7;

    // The palest ink has this share of the contrast of most of it. Soft edges alone are less than the share of ink.
    private const double PalestShare = 0.3;
    private const double MinPaleShare = 0.15;

    /// <summary>Minimum contrast of ink with paper (0..255).</summary>
    private const int MinEdge = 5;

    /// <summary>The threshold for the palest ink; null where that is no paler than the edges of most ink.</summary>
    public InkThreshold? Palest =>
        Math.Max((int)(PalestShare * Edge), MinEdge) is var palest && palest < Low ? this with { Edge = palest } : null;

    /// <summary>The threshold for ink that is paler; null where next to nothing lies between the two.</summary>
    public InkThreshold? Lower(GrayImage contrast) =>
        Palest is { } palest
        && PixelStatistics.CountBetween(contrast.Pixels, (byte)palest.Edge, (byte)(Low - 1))
            >= MinPaleShare * PixelStatistics.CountBetween(contrast.Pixels, (byte)Low, byte.MaxValue)
            ? palest
            : null;

    /// <summary>Turns a contrast picture into ink from 0 to 255, in place.</summary>
    public GrayImage ToInk(GrayImage contrast)
    {
        Span<byte> ink = stackalloc byte[256];
        for (int level = 0; level < ink.Length; level++)
        {
            double aboveEdge = (level - Edge) / (2 * Edge * EdgeSoftness);
            ink[level] = (byte)Math.Clamp(byte.MaxValue * (0.5 + aboveEdge), 0, byte.MaxValue);
        }

        foreach (ref byte pixel in contrast.Pixels)
        {
            pixel = ink[pixel];
        }

        return contrast;
    }

    public int Low => Math.Max((int)(Edge * (1 - (IsSmall ? HysteresisOfSmall : Hysteresis))), 1);

    public int Peak => (int)(Edge * (1 + Hysteresis));

    /// <summary>Finds the threshold of a contrast picture; null where nothing stands out from the paper.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public static InkThreshold? Find(GrayImage contrast)
    {
        // A pair of neighbors a < b crosses the levels between, in steps of a half, each with the smaller of its
        // distances to a and b: a triangle, kept as the changes of its slope, in the upper half of a number. In the
        // lower half, the number of pairs is kept as its changes.
        Span<long> changes = stackalloc long[(2 * byte.MaxValue) + 1];
        changes.Clear();
        int step = Math.Max(1, Math.Max(contrast.Width, contrast.Height) / PairsAcross);
        int pairs = Math.Max(contrast.Width - step, 0);

        // The sample begins at the first ink, so that the threshold does not depend on the place of the ink.
        int rowStep = step >= LeastStepOfSample ? 2 : 1;
        int firstInk = Math.Max(contrast.Pixels.IndexOfAnyExcept((byte)0), 0) / contrast.Width;
        for (int y = firstInk % rowStep; y < contrast.Height; y += rowStep)
        {
            // Pixels nearer to the border than a step are compared with the border itself.
            ReadOnlySpan<byte> row = contrast.Row(y);
            AddPairs(row[..pairs], row[^pairs..], changes);
            AddPairs(row, contrast.Row(Math.Min(y + step, contrast.Height - 1)), changes);
            foreach (byte level in row[pairs..])
            {
                AddIfDifferent(level, row[^1], changes);
            }
        }

        int edge = 0;
        double best = 0;
        long steepness = 0;
        int slope = 0;
        int count = 0;
        for (int level = 0; level < changes.Length; level++)
        {
            int crossing = (int)changes[level];
            steepness += slope;
            slope += (int)((changes[level] - crossing) >> 32);
            count += crossing;

            // The mean steepness decides. Of two outlines that are nearly as steep, the longer one wins.
            double mean = steepness / Math.Max(count, 1.0);
            double value = level < 2 * MinEdge ? 0 : mean * mean * mean * mean * steepness;
            (edge, best) = value > best ? (level / 2, value) : (edge, best);
        }

        return edge == 0
            ? null
            : new InkThreshold(edge, IsSmall: Math.Max(contrast.Width, contrast.Height) <= SmallSide);
    }

    /// <summary>Adds pairs of pixels at the same place. Most are even or paler than any edge.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void AddPairs(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<long> changes)
    {
        second = second[..first.Length];
        if (first.Length < Vector256<byte>.Count)
        {
            for (int x = 0; x < first.Length; x++)
            {
                AddIfDifferent(first[x], second[x], changes);
            }

            return;
        }

        for (int start = 0; start < first.Length; start += Vector256<byte>.Count)
        {
            // The last ones of a row have been looked at in part.
            int x = Math.Min(start, first.Length - Vector256<byte>.Count);
            uint isNew = uint.MaxValue << (start - x);
            Vector256<byte> a = Vector256.Create(first[x..]);
            Vector256<byte> b = Vector256.Create(second[x..]);
            Vector256<byte> most = Vector256.Max(a, b);
            Vector256<byte> difference = most - Vector256.Min(a, b);
            uint different = (Vector256.GreaterThan(difference, Vector256.Create((byte)(LeastDifference - 1)))
                & Vector256.GreaterThan(most, Vector256.Create((byte)MinEdge))).ExtractMostSignificantBits() & isNew;
            while (different != 0)
            {
                int at = x + BitOperations.TrailingZeroCount(different);
                Add(first[at], second[at], changes);
                different &= different - 1;
            }
        }
    }

    private static void AddIfDifferent(byte a, byte b, Span<long> changes)
    {
        if (Math.Abs(a - b) >= LeastDifference)
        {
            Add(a, b, changes);
        }
    }

    /// <param name="changes">[511], one for each sum of two levels.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(byte a, byte b, Span<long> changes)
    {
        ref long change = ref MemoryMarshal.GetReference(changes);
        Unsafe.Add(ref change, 2 * Math.Min(a, b)) += Bend + 1;
        Unsafe.Add(ref change, a + b) -= 2 * Bend;
        Unsafe.Add(ref change, 2 * Math.Max(a, b)) += Bend - 1;
    }
}
