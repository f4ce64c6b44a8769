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
            Invert(image.Pixels);
        }

        Smoothing.Binomial(image);
        using GrayImage background = image.Copy();
        int radius = Math.Max(1, (int)(Math.Min(image.Width, image.Height) * WidestStroke / 2));
        Morphology.Close(background, radius);
        Subtract(background.Pixels, image.Pixels);
        return false;
    }

    /// <summary>The level of paper that is the same all over, if it is.</summary>
    private static int? FindFlatPaper(GrayImage image)
    {
        Span<int> edge = stackalloc int[256];
        edge.Clear();
        Count(image.Row(0), edge);
        Count(image.Row(image.Height - 1), edge);
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

        int lowest = Math.Max(level - FlatTolerance, 0);
        int highest = Math.Min(level + FlatTolerance, 255);
        int all = 0;
        foreach (byte pixel in image.Pixels)
        {
            all += pixel >= lowest && pixel <= highest ? 1 : 0;
        }

        return all >= FlatShareOfAll * image.Pixels.Length ? level : null;
    }

    private static void Count(ReadOnlySpan<byte> pixels, Span<int> histogram)
    {
        foreach (byte pixel in pixels)
        {
            histogram[pixel]++;
        }
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
        long darker = 0;
        long lighter = 0;
        foreach (byte pixel in pixels)
        {
            int difference = pixel - paper;
            darker += Math.Max(-difference - FlatTolerance, 0);
            lighter += Math.Max(difference - FlatTolerance, 0);
        }

        bool isInkLighter = lighter > darker;
        foreach (ref byte pixel in pixels)
        {
            pixel = (byte)Math.Max(isInkLighter ? pixel - paper : paper - pixel, 0);
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
        double thirdMoment = 0;
        for (int i = 0; i < small.Pixels.Length; i++)
        {
            double difference = small.Pixels[i] - around.Pixels[i];
            thirdMoment += difference * difference * difference;
        }

        return thirdMoment > 0;
    }

    private static void Invert(Span<byte> pixels)
    {
        foreach (ref byte pixel in pixels)
        {
            pixel = (byte)(255 - pixel);
        }
    }

    /// <summary><paramref name="pixels"/> become background − pixels; the background is nowhere darker.</summary>
    private static void Subtract(ReadOnlySpan<byte> background, Span<byte> pixels)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(background[i] - pixels[i]);
        }
    }
}
