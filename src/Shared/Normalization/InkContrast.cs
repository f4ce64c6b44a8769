using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Turns grey levels into ink: how much each pixel differs from the paper around it, in the direction of the ink.
/// </summary>
internal static class InkContrast
{
    // Longest side of the picture that is worked on, in pixels: lines on flat paper may be thin, photos have grain.
    private const int DrawnSide = 512;
    private const int PhotoSide = 256;

    // Paper is flat where this share of the picture's edge, and that of the whole, is at one level, give or take the tolerance.
    private const double FlatShareOfEdge = 0.6;
    private const double FlatShareOfAll = 0.5;
    private const int FlatTolerance = 10;

    /// <summary>On the other side of flat paper there is at most this share of the ink's contrast, or something else than ink.</summary>
    private const double MostOnOtherSide = 0.01;

    // What of the edge is not paper is ink or something else, and not only a little different, as in uneven light.
    private const int ShoulderTolerance = 26;
    private const double ShoulderShareOfEdge = 0.08;

    /// <summary>A pen stroke is narrower than this share of a photo's shorter side.</summary>
    private const double WidestStroke = 0.25;

    // A picture that is cut close around the digit has ink along its edge. Its paper is flat all the same where this share of the
    // whole lies at the level of the lightest or of the darkest pixels, and these differ clearly.
    private const double FlatShareOfTight = 0.25;
    private const double ThirdLevel = 0.12;
    private const double ThirdLevelOfSmall = 0.2;
    private const double TightExtremes = 0.01;
    private const int TightRange = 100;
    private const int TightRows = 48;

    /// <summary>A picture with no longer side is half of edges, between the levels: a level of its own has more of it.</summary>
    private const int SmallSide = 32;

    // Shares of less light than this are not measured finer, for they are mostly noise.
    private const int DarkestPaper = 40;
    private const int FactorBits = 16;

    /// <summary>A stroke that is narrower than this share of the shorter side is thin.</summary>
    private const double ThinStroke = 0.07;

    /// <summary>The median grey level of a picture that could be of light or of dark ink.</summary>
    private const int UndecidedLevel = 80;

    private const int PolaritySide = 96;

    /// <summary>Level of a photo where a line was taken out of its contrast: what was behind it is not known.</summary>
    public const byte TakenOut = 0;

    /// <summary>Makes a picture of the contrast: 0 = paper, and the more, the more ink.</summary>
    /// <param name="image">0 = black, 255 = white.</param>
    /// <param name="isInkLighter">Whether ink is lighter than paper; null where the picture is to tell.</param>
    /// <param name="isLit">Whether paper is taken not to be at one level, whatever it looks like.</param>
    /// <param name="paper">What was found out about ink and paper.</param>
    /// <param name="smooth">The photo that the contrast was measured in, ink dark, lines <see cref="TakenOut"/>; null where paper is at one level.</param>
    public static GrayImage Measure(GrayImage image, bool? isInkLighter, bool isLit, out PaperKind paper, out GrayImage? smooth)
    {
        smooth = null;
        GrayImage drawn = Reduction.ToSide(image, DrawnSide);
        bool isBorderFlat = false;
        if (!isLit && FindFlatPaper(drawn, out isBorderFlat) is { } level)
        {
            paper = PaperKind.Flat(isInkLighter ?? IsInkLighterThan(drawn, level), isTight: !isBorderFlat && CloseCut.TouchesAllSides(drawn, level, ShoulderTolerance));
            MeasureFromLevel(drawn.Pixels, level, paper.IsInkLighter);
            if (!isBorderFlat && !paper.IsTight)
            {
                PaperLines.Remove(drawn);
            }

            return drawn;
        }

        if (!isLit && isInkLighter is null && FindTightPaper(drawn) is { } paperOfTight)
        {
            MeasureFromLevel(drawn.Pixels, paperOfTight.Level, paperOfTight.IsInkLighter);
            paper = PaperKind.Flat(paperOfTight.IsInkLighter, isTight: true);
            return drawn;
        }

        using (drawn)
        {
            GrayImage photo = Reduction.ToSide(drawn, PhotoSide);
            double lightness = isInkLighter is null ? InkLightness(photo) : 0;
            paper = PaperKind.Lit(isInkLighter ?? lightness > 0, lightness);
            if (paper.IsInkLighter)
            {
                Levels.Invert(photo.Pixels);
            }

            Smoothing.Binomial(photo);
            smooth = photo.Copy();
            MeasureFromBackground(photo, radius: Math.Max(1, (int)(Math.Min(photo.Width, photo.Height) * WidestStroke / 2)));
            using GrayImage withLines = photo.Copy();
            if (PaperLines.Remove(photo))
            {
                MarkTakenOut(smooth, withLines, photo);
            }

            return photo;
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void MarkTakenOut(GrayImage photo, GrayImage withLines, GrayImage withoutLines)
    {
        Span<byte> pixels = photo.Pixels;
        ReadOnlySpan<byte> before = withLines.Pixels;
        ReadOnlySpan<byte> after = withoutLines.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = after[i] < before[i] ? TakenOut : pixels[i];
        }
    }

    /// <summary>The share of the paper's light that a level lacks, 0 to 255.</summary>
    public static int Lack(int level, int paper) => (paper - level) * byte.MaxValue / Math.Max(paper, DarkestPaper);

    /// <summary>The level of paper that is the same all over, if it is.</summary>
    private static int? FindFlatPaper(GrayImage image, out bool isBorderFlat)
    {
        Span<int> edge = stackalloc int[256];
        edge.Clear();
        CountEdge(image, edge);
        (int level, int count) = FullestBand(edge);
        int edgePixels = (2 * image.Width) + (2 * Math.Max(image.Height - 2, 0));
        isBorderFlat = count == edgePixels;
        int nearby = Between(edge, level - ShoulderTolerance, level + ShoulderTolerance) - count;
        if (count < FlatShareOfEdge * edgePixels || nearby > ShoulderShareOfEdge * edgePixels)
        {
            return null;
        }

        int all = Levels.CountBetween(
            image.Pixels, (byte)Math.Max(level - FlatTolerance, 0), (byte)Math.Min(level + FlatTolerance, 255));
        return all >= FlatShareOfAll * image.Pixels.Length ? level : null;
    }

    /// <summary>The level of flat paper behind a digit that is cut out closely.</summary>
    private static (int Level, bool IsInkLighter)? FindTightPaper(GrayImage image)
    {
        Span<int> all = stackalloc int[256];
        Span<int> edge = stackalloc int[256];
        all.Clear();
        edge.Clear();
        int step = Math.Max(1, image.Height / TightRows);
        int pixels = 0;
        for (int y = 0; y < image.Height; y += step)
        {
            Levels.Count(image.Row(y), all);
            pixels += image.Width;
        }

        int darkest = Levels.FromTop(all, (int)((1 - TightExtremes) * pixels));
        int lightest = Levels.FromTop(all, (int)(TightExtremes * pixels) + 1);
        if (lightest - darkest < TightRange)
        {
            return null;
        }

        CountEdge(image, edge);
        ReadOnlySpan<byte> top = image.Row(0);
        ReadOnlySpan<byte> bottom = image.Row(image.Height - 1);
        ReadOnlySpan<byte> corners = [top[0], top[^1], bottom[0], bottom[^1]];
        Span<int> corner = stackalloc int[256];
        corner.Clear();
        Levels.Count(corners, corner);
        double light = PaperLikeness(lightest, all, edge, corner);
        double dark = PaperLikeness(darkest, all, edge, corner);
        if (light == 0 && dark == 0)
        {
            return null;
        }

        // Between the two levels there are the edges of strokes, a few pixels of each level; shadow has a level of its own.
        if (darkest + FlatTolerance + 1 < lightest - FlatTolerance)
        {
            Span<int> between = all[(darkest + FlatTolerance + 1)..(lightest - FlatTolerance)];
            (_, int third) = FullestBand(between);
            double most = Math.Max(image.Width, image.Height) > SmallSide ? ThirdLevel : ThirdLevelOfSmall;
            if (third > most * pixels)
            {
                return null;
            }
        }

        return light > dark ? (lightest, false) : (darkest, true);
    }

    /// <summary>
    /// The shares of a level in the whole picture, in its edge and in its four corners, which few digits reach; 0 where too
    /// little of the whole is at that level.
    /// </summary>
    private static double PaperLikeness(int level, ReadOnlySpan<int> all, ReadOnlySpan<int> edge, ReadOnlySpan<int> corners) =>
        ShareNear(all, level) < FlatShareOfTight ? 0 : ShareNear(all, level) + ShareNear(edge, level) + ShareNear(corners, level);

    private static double ShareNear(ReadOnlySpan<int> histogram, int level) =>
        (double)Between(histogram, level - FlatTolerance, level + FlatTolerance) / Between(histogram, 0, 255);

    private static void CountEdge(GrayImage image, Span<int> histogram)
    {
        Levels.Count(image.Row(0), histogram);
        Levels.Count(image.Row(image.Height - 1), histogram);
        for (int y = 1; y < image.Height - 1; y++)
        {
            ReadOnlySpan<byte> row = image.Row(y);
            histogram[row[0]]++;
            histogram[row[^1]]++;
        }
    }

    private static int Between(ReadOnlySpan<int> histogram, int lowest, int highest)
    {
        int count = 0;
        for (int level = Math.Max(lowest, 0); level <= Math.Min(highest, 255); level++)
        {
            count += histogram[level];
        }

        return count;
    }

    /// <summary>The mean level and the pixels of the band of 2 <see cref="FlatTolerance"/> + 1 levels that has most of them.</summary>
    private static (int Level, int Count) FullestBand(ReadOnlySpan<int> histogram)
    {
        int best = 0;
        int bestCount = -1;
        int count = 0;
        for (int level = -FlatTolerance; level < histogram.Length + FlatTolerance; level++)
        {
            int entering = level + FlatTolerance;
            int leaving = level - FlatTolerance - 1;
            count += entering >= 0 && entering < histogram.Length ? histogram[entering] : 0;
            count -= leaving >= 0 && leaving < histogram.Length ? histogram[leaving] : 0;
            if (count > bestCount)
            {
                (best, bestCount) = (level, count);
            }
        }

        long sum = 0;
        for (int level = Math.Max(best - FlatTolerance, 0); level <= Math.Min(best + FlatTolerance, histogram.Length - 1); level++)
        {
            sum += (long)level * histogram[level];
        }

        return ((int)((sum + (bestCount / 2)) / Math.Max(bestCount, 1)), bestCount);
    }

    /// <summary>On which side of flat paper the ink is. Where there is much on both, one is light or shadow.</summary>
    private static bool IsInkLighterThan(GrayImage image, int paper)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        byte dark = (byte)Math.Max(paper - FlatTolerance, 0);
        byte light = (byte)Math.Min(paper + FlatTolerance, 255);
        long darker = (dark * (long)pixels.Length) - Levels.SumOfClamped(pixels, 0, dark);
        long lighter = Levels.SumOfClamped(pixels, light, 255) - (light * (long)pixels.Length);
        return Math.Min(darker, lighter) > MostOnOtherSide * Math.Max(darker, lighter) ? InkLightness(image) > 0 : lighter > darker;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void MeasureFromLevel(Span<byte> pixels, int paper, bool isInkLighter)
    {
        byte level = (byte)paper;
        if (isInkLighter)
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
    /// Three signs, each about from −1, ink is darker, to 1, ink is lighter: ink is the smaller part of a picture and differs
    /// the more from what is around it; thin strokes are ink; and people write dark on light paper or light on dark boards.
    /// </summary>
    private static double InkLightness(GrayImage image)
    {
        using GrayImage small = Reduction.ToSide(image, PolaritySide);
        Span<int> histogram = stackalloc int[256];
        histogram.Clear();
        Levels.Count(small.Pixels, histogram);
        int median = Levels.FromTop(histogram, small.Pixels.Length / 2);
        double darkness = 2.0 * (UndecidedLevel - median) / UndecidedLevel;
        return Skewness(small) + ThinStrokesLightness(small) + darkness;
    }

    /// <summary>Third moment of the difference from the surroundings' mean, over the moment of its amount.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static double Skewness(GrayImage image)
    {
        using GrayImage around = image.Copy();
        Smoothing.Box(around, Math.Max(image.Width, image.Height) / 6);
        ReadOnlySpan<byte> pixels = image.Pixels;
        ReadOnlySpan<byte> means = around.Pixels;
        long sum = 0;
        long amount = 1;
        for (int i = 0; i < pixels.Length; i++)
        {
            int difference = pixels[i] - means[i];
            int cube = difference * difference * difference;
            sum += cube;
            amount += Math.Abs(cube);
        }

        return (double)sum / amount;
    }

    /// <summary>What an opening takes away, thin light strokes, against what a closing fills, thin dark ones.</summary>
    private static double ThinStrokesLightness(GrayImage image)
    {
        int radius = Math.Max(1, (int)(Math.Min(image.Width, image.Height) * ThinStroke / 2));
        double darkness = ThinStrokes(image, radius);
        using GrayImage inverted = image.Copy();
        Levels.Invert(inverted.Pixels);
        double lightness = ThinStrokes(inverted, radius);
        return (lightness - darkness) / (lightness + darkness + 1);
    }

    /// <summary>Sum of the cubes of what a closing fills.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static double ThinStrokes(GrayImage image, int radius)
    {
        using GrayImage smooth = image.Copy();
        Smoothing.Binomial(smooth);
        using GrayImage filled = smooth.Copy();
        Morphology.Close(filled, radius);
        long sum = 0;
        ReadOnlySpan<byte> before = smooth.Pixels;
        ReadOnlySpan<byte> after = filled.Pixels;
        for (int i = 0; i < before.Length; i++)
        {
            int difference = after[i] - before[i];
            sum += difference * difference * difference;
        }

        return sum;
    }

    /// <summary>
    /// The picture becomes the share of the background's light that each pixel lacks, from 0 to 255: light and shadow fall
    /// on paper and ink alike. In the background, narrow strokes are filled.
    /// </summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void MeasureFromBackground(GrayImage image, int radius)
    {
        using GrayImage background = Borders.Extend(image, radius);
        Morphology.Close(background, radius);
        Span<uint> factors = stackalloc uint[256];
        for (int level = 0; level < factors.Length; level++)
        {
            factors[level] = (uint)((byte.MaxValue << FactorBits) / Math.Max(level, DarkestPaper));
        }

        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> paper = background.Row(y + radius).Slice(radius, image.Width);
            Span<byte> pixels = image.Row(y);
            for (int x = 0; x < pixels.Length; x++)
            {
                pixels[x] = (byte)(((uint)(paper[x] - pixels[x]) * factors[paper[x]]) >> FactorBits);
            }
        }
    }
}
