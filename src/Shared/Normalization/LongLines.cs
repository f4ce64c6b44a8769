using System.Buffers;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Removes printed lines that cross the picture, as on ruled and squared paper. A line is a path of ink from border to
/// border in steps of at most one pixel sideways, so it may be slanted or bent (Talbot and Appleton, "Efficient complete and
/// incomplete path openings and closings", 2007).
/// </summary>
internal static class LongLines
{
    /// <summary>Pixels along a line that form one step of its path, so a line rises by at most 1 in 4.</summary>
    private const int CellLength = 4;

    /// <summary>A path has at least this share of the picture's cells: the outermost ones may be missing.</summary>
    private const double MinLength = 0.97;

    /// <summary>A stroke crosses where the ink is longer across the line than this many line widths.</summary>
    private const double CrossingFactor = 1.5;

    /// <summary>Removes lines in both directions, in place.</summary>
    /// <param name="contrast">0 = paper.</param>
    /// <param name="threshold">Contrast from which on a pixel is ink.</param>
    /// <returns>False where the picture has no such lines.</returns>
    public static bool Remove(GrayImage contrast, int threshold)
    {
        // Each row of a transposed picture is a column, so that a path's next cell is in the next rows.
        using GrayImage columns = Transpose(contrast);
        bool hasAcross = Remove(columns, columns, threshold);
        using GrayImage rows = Transpose(columns);

        // Removing the lines across cut those down to pieces; search for them in the picture as it was.
        bool hasDown = Remove(contrast, rows, threshold);
        rows.Pixels.CopyTo(contrast.Pixels);
        return hasAcross || hasDown;
    }

    /// <param name="source">The picture to search, line by line along the paths.</param>
    /// <param name="target">The picture to clear, of the same size.</param>
    private static bool Remove(GrayImage source, GrayImage target, int threshold)
    {
        int steps = source.Height / CellLength;
        short[] length = ArrayPool<short>.Shared.Rent(Math.Max(steps * source.Width, 1));
        try
        {
            if (!FindPaths(source, length, steps, threshold))
            {
                return false;
            }

            Clear(target, length, steps, threshold);
            return true;
        }
        finally
        {
            ArrayPool<short>.Shared.Return(length);
        }
    }

    /// <summary>Sets the cells that lie on a long path to more than 0, all others to 0.</summary>
    /// <param name="length">[steps, width of the picture].</param>
    [MethodImpl(PixelLoop.Compilation)]
    private static bool FindPaths(GrayImage ink, Span<short> length, int steps, int threshold)
    {
        int width = ink.Width;
        Span<short> none = stackalloc short[0];
        for (int step = 0; step < steps; step++)
        {
            ReadOnlySpan<byte> a = ink.Row(CellLength * step);
            ReadOnlySpan<byte> b = ink.Row((CellLength * step) + 1);
            ReadOnlySpan<byte> c = ink.Row((CellLength * step) + 2);
            ReadOnlySpan<byte> d = ink.Row((CellLength * step) + 3);
            ReadOnlySpan<short> before = step == 0 ? none : length.Slice((step - 1) * width, width);
            Span<short> here = length.Slice(step * width, width);
            for (int i = 0; i < here.Length; i++)
            {
                bool isInk = a[i] + b[i] + c[i] + d[i] >= CellLength * threshold;
                here[i] = isInk ? (short)(1 + Longest(before, i)) : (short)0;
            }
        }

        // Backwards, a cell keeps the length of its whole path instead, if that is long enough.
        int least = Math.Max((int)(MinLength * steps), 2);
        bool any = false;
        short[] rest = ArrayPool<short>.Shared.Rent(2 * width);
        rest.AsSpan(0, 2 * width).Clear();
        for (int step = steps - 1; step >= 0; step--)
        {
            ReadOnlySpan<short> after = rest.AsSpan((step & 1) * width, width);
            Span<short> restHere = rest.AsSpan((1 - (step & 1)) * width, width);
            Span<short> here = length.Slice(step * width, width);
            for (int i = 0; i < here.Length; i++)
            {
                int longest = here[i] == 0 ? 0 : Longest(after, i);
                restHere[i] = here[i] == 0 ? (short)0 : (short)(1 + longest);
                here[i] = here[i] + longest >= least ? here[i] : (short)0;
                any |= here[i] > 0;
            }
        }

        ArrayPool<short>.Shared.Return(rest);
        return any;

        static int Longest(ReadOnlySpan<short> neighbors, int i) => neighbors.IsEmpty ? 0 : Math.Max(
            neighbors[i], Math.Max(neighbors[Math.Max(i - 1, 0)], neighbors[Math.Min(i + 1, neighbors.Length - 1)]));
    }

    /// <summary>Clears the pixels of the paths, except where a stroke crosses them.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void Clear(GrayImage target, ReadOnlySpan<short> length, int steps, int threshold)
    {
        var widths = new List<int>();
        ForEachRun(target, length, steps, threshold, (_, from, to) => widths.Add(to - from));
        widths.Sort();
        double widest = widths.Count == 0 ? 0 : CrossingFactor * widths[widths.Count / 2];
        ForEachRun(target, length, steps, threshold, (y, from, to) =>
        {
            if (to - from <= widest)
            {
                // The soft edge of a line goes with it.
                target.Row(y)[Math.Max(from - 1, 0)..Math.Min(to + 1, target.Width)].Clear();
            }
        });
    }

    /// <summary>Visits the runs of ink across the paths: row, first pixel, pixel after the last.</summary>
    private static void ForEachRun(
        GrayImage ink, ReadOnlySpan<short> length, int steps, int threshold, Action<int, int, int> visit)
    {
        for (int y = 0; y < ink.Height; y++)
        {
            int step = Math.Min(y / CellLength, steps - 1);
            ReadOnlySpan<short> cells = length.Slice(step * ink.Width, ink.Width);
            ReadOnlySpan<byte> row = ink.Row(y);
            int x = cells.IndexOfAnyExcept((short)0);
            while (x >= 0 && x < row.Length)
            {
                int from = x;
                int to = x;
                while (from > 0 && row[from - 1] >= threshold)
                {
                    from--;
                }

                while (to < row.Length && row[to] >= threshold)
                {
                    to++;
                }

                if (to > from)
                {
                    visit(y, from, to);
                }

                int skipped = cells[Math.Max(to, x + 1)..].IndexOfAnyExcept((short)0);
                x = skipped < 0 ? -1 : Math.Max(to, x + 1) + skipped;
            }
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static GrayImage Transpose(GrayImage image)
    {
        var transposed = new GrayImage(image.Height, image.Width);
        Span<byte> target = transposed.Pixels;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> row = image.Row(y);
            for (int x = 0; x < row.Length; x++)
            {
                target[(x * image.Height) + y] = row[x];
            }
        }

        return transposed;
    }
}
