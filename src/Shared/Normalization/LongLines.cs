using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Removes printed lines: paths of ink from border to border in steps of at most one pixel sideways (Talbot and
/// Appleton, "Efficient complete and incomplete path openings and closings", 2007).
/// </summary>
internal static class LongLines
{
    /// <summary>Pixels along a line that form one step of its path, so a line rises by at most 1 in 4.</summary>
    private const int CellLength = 4;

    /// <summary>A stroke crosses where the ink is longer across the line than this many line widths.</summary>
    private const double CrossingFactor = 1.5;

    /// <summary>Removes lines in both directions, in place.</summary>
    /// <param name="contrast">0 = paper.</param>
    /// <param name="threshold">Contrast from which on a pixel is ink.</param>
    /// <returns>False where the picture has no such lines.</returns>
    public static bool Remove(GrayImage contrast, int threshold)
    {
        // Each row of a transposed picture is a column, so that a path's next cell is in the next rows.
        using GrayImage columns = Transposition.Of(contrast);
        bool hasAcross = Remove(columns, columns, threshold);
        using GrayImage rows = Transposition.Of(columns);

        // Removing the lines across cut those down to pieces; search for them in the picture as it was.
        bool hasDown = Remove(contrast, rows, threshold);
        rows.Pixels.CopyTo(contrast.Pixels);
        return hasAcross || hasDown;
    }

    /// <param name="source">The picture to search, line by line along the paths.</param>
    /// <param name="target">The picture to clear, of the same size.</param>
    private static bool Remove(GrayImage source, GrayImage target, int threshold)
    {
        using GrayImage cells = Scaling.To(source, source.Width, Math.Max(source.Height / CellLength, 1));
        foreach (ref byte cell in cells.Pixels)
        {
            cell = cell >= threshold ? byte.MaxValue : (byte)0;
        }

        KeepReached(cells, first: 0, direction: 1);
        KeepReached(cells, first: cells.Height - 1, direction: -1);
        bool any = cells.Pixels.ContainsAnyExcept((byte)0);
        if (any)
        {
            Clear(target, cells, threshold);
        }

        return any;
    }

    /// <summary>Clears the cells to which no path leads from the first row.</summary>
    private static void KeepReached(GrayImage cells, int first, int direction)
    {
        byte[] reached = new byte[cells.Width];
        for (int n = 1; n < cells.Height; n++)
        {
            Span<byte> row = cells.Row(first + (n * direction));
            ReadOnlySpan<byte> before = cells.Row(first + ((n - 1) * direction));
            before.CopyTo(reached);
            TensorPrimitives.Max(reached.AsSpan(1), before[..^1], reached.AsSpan(1));
            TensorPrimitives.Max<byte>(reached.AsSpan(..^1), before[1..], reached.AsSpan(..^1));
            TensorPrimitives.Min<byte>(row, reached, row);
        }
    }

    /// <summary>Clears the pixels of the paths, except where a stroke crosses them.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void Clear(GrayImage target, GrayImage paths, int threshold)
    {
        List<(int Y, int From, int To)> runs = FindRuns(target, paths, (byte)threshold);
        int[] widths = [.. runs.Select(run => run.To - run.From).Order()];
        double widest = widths.Length == 0 ? 0 : CrossingFactor * widths[widths.Length / 2];
        foreach ((int y, int from, int to) in runs.Where(run => run.To - run.From <= widest))
        {
            // The soft edge of a line goes with it.
            target.Row(y)[Math.Max(from - 1, 0)..Math.Min(to + 1, target.Width)].Clear();
        }
    }

    /// <summary>The runs of ink across the paths: row, first pixel, pixel after the last.</summary>
    private static List<(int Y, int From, int To)> FindRuns(GrayImage ink, GrayImage paths, byte threshold)
    {
        List<(int Y, int From, int To)> runs = [];
        for (int y = 0; y < ink.Height; y++)
        {
            ReadOnlySpan<byte> cells = paths.Row(Math.Min(y / CellLength, paths.Height - 1));
            ReadOnlySpan<byte> row = ink.Row(y);
            for (int to = 0; row[to..].IndexOfAnyInRange(threshold, byte.MaxValue) is >= 0 and var gap;)
            {
                int from = to + gap;
                int length = row[from..].IndexOfAnyExceptInRange(threshold, byte.MaxValue);
                to = length < 0 ? row.Length : from + length;
                if (cells[from..to].ContainsAnyExcept((byte)0))
                {
                    runs.Add((y, from, to));
                }
            }
        }

        return runs;
    }
}
