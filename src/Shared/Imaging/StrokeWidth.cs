namespace MnistLstm.Shared.Imaging;

/// <summary>Measures how wide the strokes of a digit are, and widens or narrows them.</summary>
internal static class StrokeWidth
{
    /// <summary>
    /// Mean width of the strokes in pixels: a stroke of length l and width w has the area l w and the outline 2 l, and the
    /// outline is the sum of all gradients.
    /// </summary>
    /// <param name="digit">0 = paper, 255 = ink.</param>
    public static double Measure(GrayImage digit)
    {
        long area = 0;
        double outline = 0;
        for (int y = 0; y < digit.Height; y++)
        {
            ReadOnlySpan<byte> row = digit.Row(y);
            ReadOnlySpan<byte> below = y + 1 < digit.Height ? digit.Row(y + 1) : default;
            for (int x = 0; x < row.Length; x++)
            {
                int here = row[x];
                int right = x + 1 < row.Length ? row[x + 1] : 0;
                int down = below.IsEmpty ? 0 : below[x];
                int diagonal = below.IsEmpty || x + 1 >= row.Length ? 0 : below[x + 1];
                if ((here | right | down | diagonal) == 0 || (here & right & down & diagonal) == 255)
                {
                    area += here;
                    continue;
                }

                int across = right - here + diagonal - down;
                int along = down - here + diagonal - right;
                outline += Math.Sqrt((across * across) + (along * along)) / 2;
                area += here;
            }
        }

        return outline == 0 ? 0 : 2 * area / outline;
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
