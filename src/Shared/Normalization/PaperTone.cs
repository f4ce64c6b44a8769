using System.Numerics.Tensors;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>The tone of a picture's paper.</summary>
/// <param name="Level">The level of most of the picture and of its edge; null where paper is not flat.</param>
/// <param name="IsInkLight">Whether ink is lighter; null where it is on both sides, or paper is not flat.</param>
/// <param name="IsEdgeFlat">Whether all of the picture's edge is at the level.</param>
internal readonly record struct PaperTone(int? Level, bool? IsInkLight, bool IsEdgeFlat)
{
    // Paper is flat where this share of the picture's edge, and that of the whole, is at one level, give or take the
    // tolerance.
    private const double FlatShareOfEdge = 0.6;
    private const double FlatShareOfAll = 0.5;
    private const int Tolerance = 10;

    /// <summary>With more than this share of its contrast on the other side of the paper, it is not only ink.</summary>
    private const double MostOnOtherSide = 0.01;

    public static PaperTone Measure(GrayImage picture)
    {
        (int level, int count, int edgePixels) = MeasureEdge(picture);
        ReadOnlySpan<byte> pixels = picture.Pixels;
        (byte dark, byte light) = (Darker(level), Lighter(level));
        if (count < FlatShareOfEdge * edgePixels
            || PixelStatistics.CountBetween(pixels, dark, light) < FlatShareOfAll * pixels.Length)
        {
            return default;
        }

        long darker = (dark * (long)pixels.Length) - PixelStatistics.SumOfClamped(pixels, 0, dark);
        long lighter = PixelStatistics.SumOfClamped(pixels, light, 255) - (light * (long)pixels.Length);
        bool isMixed = Math.Min(darker, lighter) > MostOnOtherSide * Math.Max(darker, lighter);
        return new PaperTone(level, isMixed ? null : lighter > darker, count == edgePixels);
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

    private static byte Darker(int level) => (byte)Math.Max(level - Tolerance, byte.MinValue);

    private static byte Lighter(int level) => (byte)Math.Min(level + Tolerance, byte.MaxValue);

    /// <summary>The mean level and the pixels of the fullest band of 2 Tolerance + 1 levels.</summary>
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
