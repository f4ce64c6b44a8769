using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
        double outline = 0;
        byte[] paper = ArrayPool<byte>.Shared.Rent(digit.Width);
        paper.AsSpan(0, digit.Width).Clear();
        for (int y = -1; y < digit.Height; y++)
        {
            AddOutline(Row(y), Row(y + 1), ref outline);
        }

        ArrayPool<byte>.Shared.Return(paper);
        return outline == 0 ? 0 : 2 * PixelStatistics.Sum(digit.Pixels) / outline;

        ReadOnlySpan<byte> Row(int y) => y < 0 || y == digit.Height ? paper.AsSpan(0, digit.Width) : digit.Row(y);
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void AddOutline(ReadOnlySpan<byte> row, ReadOnlySpan<byte> below, ref double outline)
    {
        int x = 0;
        Vector256<float> sums = Vector256<float>.Zero;
        for (; x < row.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            Vector128<byte> here = Vector128.Create(row[x..]);
            Vector128<byte> right = Vector128.Create(row[(x + 1)..]);
            Vector128<byte> down = Vector128.Create(below[x..]);
            Vector128<byte> diagonal = Vector128.Create(below[(x + 1)..]);

            // Within paper and within ink there is no outline.
            if (here == right && here == down && here == diagonal)
            {
                continue;
            }

            Vector256<short> falling = Signed(diagonal) - Signed(here);
            Vector256<short> rising = Signed(right) - Signed(down);
            (Vector256<int> acrossFirst, Vector256<int> acrossSecond) = Vector256.Widen(falling + rising);
            (Vector256<int> alongFirst, Vector256<int> alongSecond) = Vector256.Widen(falling - rising);
            sums += Length(acrossFirst, alongFirst) + Length(acrossSecond, alongSecond);
        }

        outline += (Vector256.Sum(sums) / 2) + Gradient(0, row[0], 0, below[0]);
        for (; x < row.Length; x++)
        {
            bool isLast = x + 1 == row.Length;
            outline += Gradient(row[x], isLast ? 0 : row[x + 1], below[x], isLast ? 0 : below[x + 1]);
        }

        static Vector256<short> Signed(Vector128<byte> levels)
        {
            (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(levels);
            return Vector256.Create(lower, upper).AsInt16();
        }

        static Vector256<float> Length(Vector256<int> across, Vector256<int> along) =>
            Vector256.Sqrt(Vector256.ConvertToSingle((across * across) + (along * along)));
    }

    private static double Gradient(int here, int right, int down, int diagonal)
    {
        int across = right - here + diagonal - down;
        int along = down - here + diagonal - right;
        return Math.Sqrt((across * across) + (along * along)) / 2;
    }

    /// <summary>Widens strokes by <paramref name="pixels"/> on all sides, or narrows them if negative.</summary>
    /// <remarks>
    /// Two passes approximate a disc: a square of part of the radius and a diamond of the rest.
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
