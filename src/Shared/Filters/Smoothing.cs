using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>An in-place low-pass filter. The edge pixels are repeated beyond the edges.</summary>
internal static class Smoothing
{
    /// <summary>Weights 1 2 1 in both directions: removes the grain of a photo and keeps its strokes.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public static void Binomial(GrayImage image)
    {
        int width = image.Width;
        int height = image.Height;
        byte[] rows = ArrayPool<byte>.Shared.Rent(2 * width);
        Span<byte> above = rows.AsSpan(0, width);
        Span<byte> here = rows.AsSpan(width, width);

        // Vertical sums of three pixels, with an extra one beyond either end.
        ushort[] buffer = ArrayPool<ushort>.Shared.Rent(width + 2);
        Span<ushort> columns = buffer.AsSpan(0, width + 2);
        image.Row(0).CopyTo(above);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = image.Row(y);
            row.CopyTo(here);
            AddColumns(above, here, y + 1 < height ? image.Row(y + 1) : here, columns[1..^1]);
            columns[0] = columns[1];
            columns[^1] = columns[^2];
            AddRow(columns, row);
            Span<byte> swap = above;
            above = here;
            here = swap;
        }

        ArrayPool<ushort>.Shared.Return(buffer);
        ArrayPool<byte>.Shared.Return(rows);
    }

    /// <summary>Vertical weights 1 2 1: 4 times the mean.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void AddColumns(
        ReadOnlySpan<byte> above, ReadOnlySpan<byte> here, ReadOnlySpan<byte> below, Span<ushort> sums)
    {
        int x = 0;
        for (; x <= sums.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            (Vector256<ushort> aboveFirst, Vector256<ushort> aboveSecond) =
                Vector256.Widen(Vector256.Create(above[x..]));
            (Vector256<ushort> hereFirst, Vector256<ushort> hereSecond) = Vector256.Widen(Vector256.Create(here[x..]));
            (Vector256<ushort> belowFirst, Vector256<ushort> belowSecond) =
                Vector256.Widen(Vector256.Create(below[x..]));
            (aboveFirst + hereFirst + hereFirst + belowFirst).CopyTo(sums[x..]);
            (aboveSecond + hereSecond + hereSecond + belowSecond).CopyTo(sums[(x + Vector256<ushort>.Count)..]);
        }

        for (; x < sums.Length; x++)
        {
            sums[x] = (ushort)(above[x] + (2 * here[x]) + below[x]);
        }
    }

    /// <summary>Horizontal weights 1 2 1: the mean.</summary>
    /// <param name="columns">The vertical sums, from one pixel before the row to one after it, 4 times their
    /// mean.</param>
    [MethodImpl(PixelLoop.Compilation)]
    private static void AddRow(ReadOnlySpan<ushort> columns, Span<byte> row)
    {
        int x = 0;
        for (; x <= row.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            Vector256.Narrow(Mean(columns[x..]), Mean(columns[(x + Vector256<ushort>.Count)..])).CopyTo(row[x..]);
        }

        for (; x < row.Length; x++)
        {
            row[x] = (byte)((columns[x] + (2 * columns[x + 1]) + columns[x + 2] + 8) >> 4);
        }

        static Vector256<ushort> Mean(ReadOnlySpan<ushort> columns)
        {
            Vector256<ushort> here = Vector256.Create(columns[1..]);
            return (Vector256.Create(columns) + here + here + Vector256.Create(columns[2..])
                + Vector256.Create((ushort)8)) >> 4;
        }
    }
}
