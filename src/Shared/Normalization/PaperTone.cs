using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>What a picture's paper looks like.</summary>
/// <param name="Level">The level of most of the picture and of its edge; null where there is none.</param>
/// <param name="IsEdgeFlat">Whether all of the picture's edge is at that level.</param>
/// <param name="Darkest">The level of the darkest pixels.</param>
/// <param name="Lightest">The level of the lightest pixels.</param>
internal readonly record struct PaperTone(int? Level, bool IsEdgeFlat, int Darkest, int Lightest)
{
    // Paper is flat where this share of the picture's edge, and that of the whole, is at one level, give or take the tolerance.
    private const double FlatShareOfEdge = 0.6;
    private const double FlatShareOfAll = 0.5;
    private const int Tolerance = 10;

    /// <summary>Share of the pixels at either end that do not count for the darkest and lightest.</summary>
    private const double Extremes = 0.01;

    /// <summary>On the other side of flat paper there is at most this share of the ink's contrast, or something else than ink.</summary>
    private const double MostOnOtherSide = 0.01;

    public static PaperTone Measure(GrayImage picture)
    {
        Span<int> all = stackalloc int[256];
        Span<int> edge = stackalloc int[256];
        all.Clear();
        edge.Clear();
        Levels.Count(picture.Pixels, all);
        Levels.Count(picture.Row(0), edge);
        Levels.Count(picture.Row(picture.Height - 1), edge);
        for (int y = 1; y < picture.Height - 1; y++)
        {
            edge[picture.Row(y)[0]]++;
            edge[picture.Row(y)[^1]]++;
        }

        (int level, int count) = FullestBand(edge);
        int pixels = picture.Pixels.Length;
        int edgePixels = Near(edge, 0, byte.MaxValue);
        int darkest = Levels.FromTop(all, (int)((1 - Extremes) * pixels));
        int lightest = Levels.FromTop(all, (int)(Extremes * pixels) + 1);
        bool isFlat = count >= FlatShareOfEdge * edgePixels && Near(all, level, Tolerance) >= FlatShareOfAll * pixels;
        return new PaperTone(isFlat ? level : null, count == edgePixels, darkest, lightest);
    }

    private static int Near(ReadOnlySpan<int> histogram, int level, int tolerance)
    {
        int count = 0;
        for (int i = Math.Max(level - tolerance, 0); i <= Math.Min(level + tolerance, byte.MaxValue); i++)
        {
            count += histogram[i];
        }

        return count;
    }

    /// <summary>Whether ink is lighter than flat paper; null where paper is not flat, or there is ink on both sides of it.</summary>
    public bool? FindPolarity(GrayImage picture)
    {
        if (Level is not { } level)
        {
            return null;
        }

        ReadOnlySpan<byte> pixels = picture.Pixels;
        byte dark = (byte)Math.Max(level - Tolerance, 0);
        byte light = (byte)Math.Min(level + Tolerance, 255);
        long darker = (dark * (long)pixels.Length) - Levels.SumOfClamped(pixels, 0, dark);
        long lighter = Levels.SumOfClamped(pixels, light, 255) - (light * (long)pixels.Length);
        return Math.Min(darker, lighter) > MostOnOtherSide * Math.Max(darker, lighter) ? null : lighter > darker;
    }

    /// <summary>The mean level and the pixels of the band of 2 <see cref="Tolerance"/> + 1 levels that has most of them.</summary>
    private static (int Level, int Count) FullestBand(ReadOnlySpan<int> histogram)
    {
        int best = 0;
        int bestCount = -1;
        long bestSum = 0;
        int count = 0;
        long sum = 0;
        for (int level = -Tolerance; level < histogram.Length + Tolerance; level++)
        {
            int entering = level + Tolerance;
            int leaving = level - Tolerance - 1;
            if (entering >= 0 && entering < histogram.Length)
            {
                count += histogram[entering];
                sum += (long)entering * histogram[entering];
            }

            if (leaving >= 0 && leaving < histogram.Length)
            {
                count -= histogram[leaving];
                sum -= (long)leaving * histogram[leaving];
            }

            if (count > bestCount)
            {
                (best, bestCount, bestSum) = (level, count, sum);
            }
        }

        return ((int)((bestSum + (bestCount / 2)) / Math.Max(bestCount, 1)), bestCount);
    }
}
