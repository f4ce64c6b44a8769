using System.Numerics.Tensors;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>The tone of a picture's paper.</summary>
/// <param name="Level">The level of most of the picture and of its edge; null where there is none.</param>
/// <param name="IsEdgeFlat">Whether all of the picture's edge is at that level.</param>
internal readonly record struct PaperTone(int? Level, bool IsEdgeFlat)
{
    // Paper is flat where this share of the picture's edge, and that of the whole, is at one level, give or take the
    // tolerance.
    private const double FlatShareOfEdge = 0.6;
    private const double FlatShareOfAll = 0.5;
    private const int Tolerance = 10;

    /// <summary>
    /// On the other side of flat paper there is at most this share of the ink's contrast, or something else than ink.
    /// </summary>
    private const double MostOnOtherSide = 0.01;

    public static PaperTone Measure(GrayImage picture)
    {
        (int level, int count, int edgePixels) = MeasureEdge(picture);
        bool isFlat = count >= FlatShareOfEdge * edgePixels
            && PixelStatistics.CountBetween(
                picture.Pixels, Darker(level), Lighter(level)) >= FlatShareOfAll * picture.Pixels.Length;
        return new PaperTone(isFlat ? level : null, count == edgePixels);
    }

    /// <summary>The level of most of the picture's edge.</summary>
    /// <returns>The level, the edge's pixels at it, and all of the edge's pixels.</returns>
    public static (int Level, int Count, int All) MeasureEdge(GrayImage picture)
    {
        Span<int> edge = stackalloc int[256];
        edge.Clear();
        PixelStatistics.Count(picture.Row(0), edge);
        PixelStatistics.Count(picture.Row(picture.Height - 1), edge);
        for (int y = 1; y < picture.Height - 1; y++)
        {
            edge[picture.Row(y)[0]]++;
            edge[picture.Row(y)[^1]]++;
        }

        (int level, int count) = FullestBand(edge);
        return (level, count, TensorPrimitives.Sum<int>(edge));
    }

    /// <summary>
    /// Whether ink is lighter than flat paper; null where paper is not flat, or there is ink on both sides of it.
    /// </summary>
    public bool? FindPolarity(GrayImage picture)
    {
        if (Level is not { } level)
        {
            return null;
        }

        ReadOnlySpan<byte> pixels = picture.Pixels;
        byte dark = Darker(level);
        byte light = Lighter(level);
        long darker = (dark * (long)pixels.Length) - PixelStatistics.SumOfClamped(pixels, 0, dark);
        long lighter = PixelStatistics.SumOfClamped(pixels, light, 255) - (light * (long)pixels.Length);
        return Math.Min(darker, lighter) > MostOnOtherSide * Math.Max(darker, lighter) ? null : lighter > darker;
    }

    private static byte Darker(int level) => (byte)Math.Max(level - Tolerance, byte.MinValue);

    private static byte Lighter(int level) => (byte)Math.Min(level + Tolerance, byte.MaxValue);

    /// <summary>
    /// The mean level and the pixels of the band of 2 <see cref="Tolerance"/> + 1 levels that has most of them.
    /// </summary>
    private static (int Level, int Count) FullestBand(ReadOnlySpan<int> histogram)
    {
        int best = 0;
        int most = -1;
        for (int level = 0; level < histogram.Length; level++)
        {
            int count = TensorPrimitives.Sum(histogram[Darker(level)..(Lighter(level) + 1)]);
            (best, most) = count > most ? (level, count) : (best, most);
        }

        long sum = 0;
        for (int level = Darker(best); level <= Lighter(best); level++)
        {
            sum += (long)level * histogram[level];
        }

        return ((int)((sum + (most / 2)) / Math.Max(most, 1)), most);
    }
}
