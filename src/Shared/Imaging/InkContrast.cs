using System.Numerics.Tensors;

namespace MnistLstm.Shared.Imaging;

/// <summary>
/// Turns grey levels into ink: how much each pixel differs from the paper around it, in the direction of the ink.
/// </summary>
internal static class InkContrast
{
    // Paper is flat where this share of the picture's edge, and that of the whole, is at one level, give or take the tolerance.
    private const double FlatShareOfEdge = 0.6;
    private const double FlatShareOfAll = 0.5;
    private const int FlatTolerance = 10;

    /// <summary>A pen stroke is narrower than this share of a photo's shorter side.</summary>
    private const double WidestStroke = 0.25;

    private const int PolaritySide = 96;

    /// <summary>Turns a picture into contrast, in place.</summary>
    /// <param name="image">0 = black, 255 = white; afterwards 0 = paper, and the more, the more ink.</param>
    /// <returns>True where the paper is flat: drawn or scanned, not photographed.</returns>
    public static bool Measure(GrayImage image)
    {
        if (FindFlatPaper(image) is { } paper)
        {
            MeasureFromLevel(image.Pixels, paper);
            return true;
        }

        if (IsInkLighter(image))
        {
            Levels.Invert(image.Pixels);
        }

        Smoothing.Binomial(image);
        using GrayImage background = image.Copy();
        int radius = Math.Max(1, (int)(Math.Min(image.Width, image.Height) * WidestStroke / 2));
        Morphology.Close(background, radius);
        TensorPrimitives.Subtract(background.Pixels, image.Pixels, image.Pixels);
        return false;
    }

    /// <summary>The level of paper that is the same all over, if it is.</summary>
    private static int? FindFlatPaper(GrayImage image)
    {
        Span<int> edge = stackalloc int[256];
        edge.Clear();
        Levels.Count(image.Row(0), edge);
        Levels.Count(image.Row(image.Height - 1), edge);
        for (int y = 1; y < image.Height - 1; y++)
        {
            ReadOnlySpan<byte> row = image.Row(y);
            edge[row[0]]++;
            edge[row[^1]]++;
        }

        (int level, int count) = FullestBand(edge);
        int edgePixels = (2 * image.Width) + (2 * Math.Max(image.Height - 2, 0));
        if (count < FlatShareOfEdge * edgePixels)
        {
            return null;
        }

        int all = Levels.CountBetween(
            image.Pixels, (byte)Math.Max(level - FlatTolerance, 0), (byte)Math.Min(level + FlatTolerance, 255));
        return all >= FlatShareOfAll * image.Pixels.Length ? level : null;
    }

    /// <summary>The mean level and the pixels of the band of 2 <see cref="FlatTolerance"/> + 1 levels that has most of them.</summary>
    private static (int Level, int Count) FullestBand(ReadOnlySpan<int> histogram)
    {
        int best = 0;
        int bestCount = -1;
        int count = 0;
        for (int level = -FlatTolerance; level < 256; level++)
        {
            int entering = level + FlatTolerance;
            int leaving = level - FlatTolerance - 1;
            count += entering < 256 ? histogram[entering] : 0;
            count -= leaving >= 0 ? histogram[leaving] : 0;
            if (count > bestCount)
            {
                (best, bestCount) = (level, count);
            }
        }

        long sum = 0;
        for (int level = Math.Max(best - FlatTolerance, 0); level <= Math.Min(best + FlatTolerance, 255); level++)
        {
            sum += (long)level * histogram[level];
        }

        return ((int)((sum + (bestCount / 2)) / bestCount), bestCount);
    }

    private static void MeasureFromLevel(Span<byte> pixels, int paper)
    {
        byte dark = (byte)Math.Max(paper - FlatTolerance, 0);
        byte light = (byte)Math.Min(paper + FlatTolerance, 255);
        long darker = (dark * (long)pixels.Length) - Levels.SumOfClamped(pixels, 0, dark);
        long lighter = Levels.SumOfClamped(pixels, light, 255) - (light * (long)pixels.Length);
        byte level = (byte)paper;
        if (lighter > darker)
        {
            TensorPrimitives.Max(pixels, level, pixels);
            TensorPrimitives.Subtract(pixels, level, pixels);
        }
        else
        {
            TensorPrimitives.Min(pixels, level, pixels);
            TensorPrimitives.Subtract(level, pixels, pixels);
        }
    }

    /// <summary>
    /// Ink is the smaller part of a picture and differs the more from what is around it: the third moment of that
    /// difference is positive where ink is the lighter one.
    /// </summary>
    private static bool IsInkLighter(GrayImage image)
    {
        using GrayImage small = Reduction.ToSide(image, PolaritySide);
        using GrayImage around = small.Copy();
        Smoothing.Box(around, Math.Max(small.Width, small.Height) / 6);
        ReadOnlySpan<byte> pixels = small.Pixels;
        ReadOnlySpan<byte> means = around.Pixels;
        long thirdMoment = 0;
        for (int i = 0; i < pixels.Length; i++)
        {
            int difference = pixels[i] - means[i];
            thirdMoment += difference * difference * difference;
        }

        return thirdMoment > 0;
    }
}
