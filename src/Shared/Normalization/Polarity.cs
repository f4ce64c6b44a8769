using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Guesses whether ink is lighter than paper where paper is not at one level.</summary>
internal static class Polarity
{
    private const int WorkingSide = 96;

    /// <summary>A stroke that is narrower than this share of the shorter side is thin.</summary>
    private const double ThinStroke = 0.07;

    /// <summary>Compares top-hat energy (thin light strokes) with bottom-hat energy (thin dark strokes).</summary>
    public static bool IsInkLight(GrayImage picture)
    {
        using GrayImage small = Downscale.ToSide(picture, WorkingSide);
        Smoothing.Binomial(small);
        int radius = Math.Max(1, (int)(Math.Min(small.Width, small.Height) * ThinStroke / 2));
        long dark = BottomHatEnergy(small, radius);
        PixelStatistics.Invert(small.Pixels);
        return BottomHatEnergy(small, radius) > dark;
    }

    /// <summary>Sum of the cubes: strokes differ a lot from what is around them, grain a little.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static long BottomHatEnergy(GrayImage image, int radius)
    {
        using GrayImage closed = image.Copy();
        Morphology.Close(closed, radius);
        long sum = 0;
        ReadOnlySpan<byte> before = image.Pixels;
        ReadOnlySpan<byte> after = closed.Pixels;
        for (int i = 0; i < before.Length; i++)
        {
            int difference = after[i] - before[i];
            sum += difference * difference * difference;
        }

        return sum;
    }
}
