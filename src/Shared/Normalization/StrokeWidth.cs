using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Measures how wide the strokes of a digit are, and widens or narrows them.</summary>
internal static class StrokeWidth
{
    /// <summary>
    /// Mean width of the strokes in pixels: a stroke of length l and width w has the area l w and the outline 2 l, and
    /// the outline is the sum of all gradients.
    /// </summary>
    /// <param name="digit">0 = paper, 255 = ink.</param>
    public static double Measure(GrayImage digit)
    {
        double outline = Gradient.Sum(digit);
        return outline == 0 ? 0 : 2 * PixelStatistics.Sum(digit.Pixels) / outline;
    }

    /// <summary>Widens strokes by <paramref name="pixels"/> on all sides, or narrows them if negative.</summary>
    /// <remarks>A square of half the radius and a diamond of the rest approximate a disc.</remarks>
    public static void Change(GrayImage digit, int pixels)
    {
        int radius = Math.Abs(pixels);
        int square = radius / 2;
        if (square > 0)
        {
            Morphology.Filter(digit, square, isMaximum: pixels > 0);
        }

        for (int i = square; i < radius; i++)
        {
            Morphology.FilterByCross(digit, isMaximum: pixels > 0);
        }
    }
}
