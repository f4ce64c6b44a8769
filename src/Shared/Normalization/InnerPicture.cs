using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Finds the picture inside a surround of another tone: a canvas on its page, a sheet on a desk.</summary>
internal static class InnerPicture
{
    private const int Sides = 4;

    /// <summary>Levels of the surround differ from its tone by no more.</summary>
    private const int Tolerance = 24;

    /// <summary>A line of the surround differs by at most this share: a tilted sheet reaches into it.</summary>
    private const double MaxOther = 0.05;

    /// <summary>The inner picture's edge differs by at least this share: less is ink on paper.</summary>
    private const double MinOther = 0.5;

    /// <summary>Shortest side of an inner picture, in pixels.</summary>
    private const int MinSide = 10;

    /// <summary>Trims each side while its outermost line is of the tone that this side began with.</summary>
    /// <returns>Null where there is no surround.</returns>
    public static Region? Find(GrayImage picture)
    {
        Region whole = Region.Of(picture);
        Region inner = whole;
        Span<int> tones = stackalloc int[Sides];
        for (int side = 0; side < Sides; side++)
        {
            tones[side] = Tone(picture, Split(whole, side).Line);
        }

        for (bool shrinks = true; shrinks;)
        {
            shrinks = false;
            for (int side = 0; side < Sides && Math.Min(inner.Width, inner.Height) > MinSide; side++)
            {
                (Region line, Region others) = Split(inner, side);
                if (ShareOfOther(picture, line, tones[side]) <= MaxOther)
                {
                    (inner, shrinks) = (others, true);
                }
            }
        }

        if (inner == whole || Math.Min(inner.Width, inner.Height) <= MinSide)
        {
            return null;
        }

        for (int side = 0; side < Sides; side++)
        {
            bool isTrimmed = Split(whole, side).Others.Encloses(inner);
            if (isTrimmed && ShareOfOther(picture, Split(inner, side).Line, tones[side]) < MinOther)
            {
                return null;
            }
        }

        return inner;
    }

    /// <summary>The outermost pixels of the left, upper, right or lower side, and the others.</summary>
    private static (Region Line, Region Others) Split(in Region region, int side) => side switch
    {
        0 => (region with { Right = region.Left + 1 }, region with { Left = region.Left + 1 }),
        1 => (region with { Bottom = region.Top + 1 }, region with { Top = region.Top + 1 }),
        2 => (region with { Left = region.Right - 1 }, region with { Right = region.Right - 1 }),
        _ => (region with { Top = region.Bottom - 1 }, region with { Bottom = region.Bottom - 1 }),
    };

    private static int Tone(GrayImage picture, in Region line)
    {
        using GrayImage pixels = picture.Part(line.Left, line.Top, line.Right, line.Bottom);
        Span<int> histogram = stackalloc int[256];
        histogram.Clear();
        PixelStatistics.Count(pixels.Pixels, histogram);
        return PixelStatistics.FromTop(histogram, pixels.Pixels.Length / 2);
    }

    private static double ShareOfOther(GrayImage picture, in Region line, int tone)
    {
        using GrayImage pixels = picture.Part(line.Left, line.Top, line.Right, line.Bottom);
        byte darkest = (byte)Math.Max(tone - Tolerance, 0);
        byte lightest = (byte)Math.Min(tone + Tolerance, 255);
        int same = PixelStatistics.CountBetween(pixels.Pixels, darkest, lightest);
        return 1 - ((double)same / pixels.Pixels.Length);
    }
}
