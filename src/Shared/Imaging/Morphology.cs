using System.Buffers;
using System.Numerics;

namespace MnistLstm.Shared.Imaging;

/// <summary>
/// Grey morphology with a square window, cut off at the picture's edges (Serra, "Image Analysis and Mathematical
/// Morphology", 1982). A window of n costs about log2 n vectorised passes: the maximum over 2m pixels is that of two over m.
/// </summary>
internal static class Morphology
{
    /// <summary>Fills dark structures that are narrower than the window with what is around them.</summary>
    /// <param name="radius">The window's side is 2 radius + 1, in pixels.</param>
    public static void Close(GrayImage image, int radius)
    {
        Filter(image, radius, isMaximum: true);
        Filter(image, radius, isMaximum: false);
    }

    /// <summary>Each pixel becomes the lightest in its window, or the darkest.</summary>
    /// <param name="radius">The window's side is 2 radius + 1, in pixels.</param>
    public static void Filter(GrayImage image, int radius, bool isMaximum)
    {
        int width = image.Width;
        int height = image.Height;
        int window = (2 * radius) + 1;
        byte outside = isMaximum ? byte.MinValue : byte.MaxValue;
        byte[] padded = ArrayPool<byte>.Shared.Rent(Math.Max(width + (2 * radius), width * (height + (2 * radius))));

        Span<byte> line = padded.AsSpan(0, width + (2 * radius));
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = image.Row(y);
            line.Fill(outside);
            row.CopyTo(line[radius..]);
            Slide(line, window, step: 1, isMaximum);
            line[..width].CopyTo(row);
        }

        // All columns at once: a step is a row.
        Span<byte> rows = padded.AsSpan(0, width * (height + (2 * radius)));
        rows.Fill(outside);
        image.Pixels.CopyTo(rows[(radius * width)..]);
        Slide(rows, window, step: width, isMaximum);
        rows[..(width * height)].CopyTo(image.Pixels);
        ArrayPool<byte>.Shared.Return(padded);
    }

    /// <summary>Each pixel becomes the lightest of itself and its four neighbours, or the darkest.</summary>
    public static void FilterByCross(GrayImage image, bool isMaximum)
    {
        using GrayImage before = image.Copy();
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> here = before.Row(y);
            ReadOnlySpan<byte> above = before.Row(Math.Max(y - 1, 0));
            ReadOnlySpan<byte> below = before.Row(Math.Min(y + 1, image.Height - 1));
            Span<byte> row = image.Row(y);
            for (int x = 0; x < row.Length; x++)
            {
                byte left = here[Math.Max(x - 1, 0)];
                byte right = here[Math.Min(x + 1, row.Length - 1)];
                row[x] = isMaximum
                    ? Math.Max(here[x], Math.Max(Math.Max(left, right), Math.Max(above[x], below[x])))
                    : Math.Min(here[x], Math.Min(Math.Min(left, right), Math.Min(above[x], below[x])));
            }
        }
    }

    /// <summary>Value i becomes the extreme of values i, i + step, … i + (window − 1) step, as far as there are any.</summary>
    private static void Slide(Span<byte> values, int window, int step, bool isMaximum)
    {
        int covered = 1;
        while (covered < window)
        {
            int more = Math.Min(covered, window - covered);
            CombineWithLater(values, more * step, isMaximum);
            covered += more;
        }
    }

    private static void CombineWithLater(Span<byte> values, int shift, bool isMaximum)
    {
        // In place: what is read later is never behind what is written.
        int count = values.Length - shift;
        int i = 0;
        for (; i <= count - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            var here = new Vector<byte>(values[i..]);
            var later = new Vector<byte>(values[(i + shift)..]);
            (isMaximum ? Vector.Max(here, later) : Vector.Min(here, later)).CopyTo(values[i..]);
        }

        for (; i < count; i++)
        {
            values[i] = isMaximum ? Math.Max(values[i], values[i + shift]) : Math.Min(values[i], values[i + shift]);
        }
    }
}
