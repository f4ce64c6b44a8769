using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Measures how wide the strokes of a digit are, and widens or narrows them.</summary>
internal static class StrokeWidth
{
    /// <summary>
    /// Mean width of the strokes in pixels: a stroke of length l and width w has the area l w and the outline 2 l. The outline
    /// is the sum of all differences between neighbors, which is 4 / π times too long on average over all directions.
    /// </summary>
    /// <param name="digit">0 = paper, 255 = ink; paper begins at its border.</param>
    public static double Measure(GrayImage digit)
    {
        long outline = Levels.Sum(digit.Row(0)) + Levels.Sum(digit.Row(digit.Height - 1));
        for (int y = 0; y < digit.Height; y++)
        {
            ReadOnlySpan<byte> row = digit.Row(y);
            outline += row[0] + row[^1] + Levels.SumOfDifferences(row[1..], row[..^1]);
            outline += y == 0 ? 0 : Levels.SumOfDifferences(row, digit.Row(y - 1));
        }

        return outline == 0 ? 0 : 2 * Levels.Sum(digit.Pixels) / (outline * Math.PI / 4);
    }

    /// <summary>Widens strokes by <paramref name="pixels"/> on all sides, or narrows them if negative.</summary>
    /// <remarks>
    /// By a window that is a disc as far as two passes make one: a square of part of the radius and a diamond of the rest.
    /// </remarks>
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
