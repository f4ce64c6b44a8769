using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>
/// Gray morphology with a square window, clipped at the picture's edges (Serra, "Image Analysis and Mathematical
/// Morphology", 1982). A window of n takes about log2 n vectorized passes: the maximum over 2m pixels is that of two
/// maxima over m.
/// </summary>
internal static class Morphology
{
    // Block sizes: fit the L1 cache, and long enough to avoid store-to-load stalls between passes.
    private const int RowsTogether = 16;
    private const int ColumnsTogether = 32;

    /// <summary>Closing: fills dark structures that are narrower than the window.</summary>
    /// <param name="radius">The window's side is 2 radius + 1, in pixels.</param>
    public static void Close(GrayImage image, int radius)
    {
        Filter(image, radius, isMaximum: true);
        Filter(image, radius, isMaximum: false);
    }

    /// <summary>Dilation or erosion: each pixel becomes the lightest or the darkest in its window.</summary>
    /// <param name="radius">The window's side is 2 radius + 1, in pixels.</param>
    public static void Filter(GrayImage image, int radius, bool isMaximum)
    {
        if (isMaximum)
        {
            Dilate(image, radius);
            return;
        }

        // Erosion is dilation of the negative.
        PixelStatistics.Invert(image.Pixels);
        Dilate(image, radius);
        PixelStatistics.Invert(image.Pixels);
    }

    /// <summary>Each pixel becomes the lightest or the darkest of itself and its four neighbors.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public static void FilterByCross(GrayImage image, bool isMaximum)
    {
        if (!isMaximum)
        {
            PixelStatistics.Invert(image.Pixels);
        }

        using GrayImage before = image.Copy();
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> here = before.Row(y);
            Span<byte> row = image.Row(y);
            TensorPrimitives.Max(here, before.Row(Math.Max(y - 1, 0)), row);
            TensorPrimitives.Max(row, before.Row(Math.Min(y + 1, image.Height - 1)), row);
            TensorPrimitives.Max(row[1..], here[..^1], row[1..]);
            TensorPrimitives.Max(row[..^1], here[1..], row[..^1]);
        }

        if (!isMaximum)
        {
            PixelStatistics.Invert(image.Pixels);
        }
    }

    private static void Dilate(GrayImage image, int radius)
    {
        DilateRows(image, radius);
        DilateColumns(image, radius);
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void DilateRows(GrayImage image, int radius)
    {
        int paddedWidth = image.Width + (2 * radius);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(RowsTogether * paddedWidth);
        for (int top = 0; top < image.Height; top += RowsTogether)
        {
            int bottom = Math.Min(top + RowsTogether, image.Height);
            Span<byte> rows = buffer.AsSpan(0, (bottom - top) * paddedWidth);
            rows.Clear();
            for (int y = top; y < bottom; y++)
            {
                image.Row(y).CopyTo(rows[(((y - top) * paddedWidth) + radius)..]);
            }

            Slide(rows, radius, step: 1);
            for (int y = top; y < bottom; y++)
            {
                rows.Slice((y - top) * paddedWidth, image.Width).CopyTo(image.Row(y));
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void DilateColumns(GrayImage image, int radius)
    {
        int paddedHeight = image.Height + (2 * radius);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ColumnsTogether * paddedHeight);
        for (int left = 0; left < image.Width; left += ColumnsTogether)
        {
            int width = Math.Min(ColumnsTogether, image.Width - left);
            Span<byte> columns = buffer.AsSpan(0, width * paddedHeight);
            columns.Clear();
            for (int y = 0; y < image.Height; y++)
            {
                image.Row(y).Slice(left, width).CopyTo(columns[((y + radius) * width)..]);
            }

            Slide(columns, radius, step: width);
            for (int y = 0; y < image.Height; y++)
            {
                columns.Slice(y * width, width).CopyTo(image.Row(y)[left..]);
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Value i becomes the largest of values i, i + step, … i + 2 radius step, within the data.</summary>
    private static void Slide(Span<byte> values, int radius, int step)
    {
        int window = (2 * radius) + 1;
        int covered = 1;
        while (covered < window)
        {
            int more = Math.Min(covered, window - covered);
            CombineWithLater(values, more * step);
            covered += more;
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void CombineWithLater(Span<byte> values, int shift)
    {
        // This works in place, because reads are never behind writes.
        int count = values.Length - shift;
        ref byte first = ref MemoryMarshal.GetReference(values);
        ref byte later = ref Unsafe.Add(ref first, shift);
        int i = 0;
        for (; i <= count - (2 * Vector256<byte>.Count); i += 2 * Vector256<byte>.Count)
        {
            nuint at = (nuint)i;
            nuint next = at + (nuint)Vector256<byte>.Count;
            Vector256<byte> here =
                Vector256.Max(Vector256.LoadUnsafe(ref first, at), Vector256.LoadUnsafe(ref later, at));
            Vector256<byte> there =
                Vector256.Max(Vector256.LoadUnsafe(ref first, next), Vector256.LoadUnsafe(ref later, next));
            here.StoreUnsafe(ref first, at);
            there.StoreUnsafe(ref first, next);
        }

        for (; i < count; i++)
        {
            values[i] = Math.Max(values[i], values[i + shift]);
        }
    }
}
