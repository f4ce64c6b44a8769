using System.Buffers;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Takes out of a contrast picture what runs through it from one side to the other: printed lines, and the table or frame
/// along a side. Found as paths that go from border to border in steps of at most one pixel aside, which follow a line that
/// is slanted or bent (Talbot and Appleton, "Efficient complete and incomplete path openings and closings", 2007).
/// </summary>
internal static class PaperLines
{
    /// <summary>Pixels along the path that are averaged to one cell: grain goes, and a path rises by at most 1 in 4.</summary>
    private const int CellLength = 4;

    /// <summary>In fewer cells a line cannot be told from a stroke.</summary>
    private const int FewestColumns = 10;

    // Cells of a line stand out from paper: they have twice the level that this share of all cells reaches, for grain.
    private const int LeastContrast = 4;
    private const double PaperShare = 0.7;
    private const int GrainFactor = 2;

    /// <summary>Straight lines as dark as ink go where there are as many: a single one may be a 1.</summary>
    private const int FewestStraightLines = 2;

    /// <summary>A table or frame covers this share of the side that it lies along.</summary>
    private const double FrameShare = 0.75;

    /// <summary>A slanted frame ends where less than this share of a row is of it: a stroke that meets it is narrower.</summary>
    private const double LeastFrameShare = 0.12;

    /// <summary>Share of the pixels that are at least as dark as the darkest ink is taken to be.</summary>
    private const double DarkestShare = 0.004;

    /// <summary>Removes lines and frames in both directions, in place.</summary>
    /// <param name="contrast">0 = paper.</param>
    /// <returns>Whether there were any.</returns>
    public static bool Remove(GrayImage contrast)
    {
        int darkest = Levels.FromTop(contrast.Pixels, (int)(DarkestShare * contrast.Pixels.Length));

        var along = new Direction(contrast.Width, contrast.Height, AlongStep: 1, AsideStep: contrast.Width);
        var downwards = new Direction(contrast.Height, contrast.Width, AlongStep: contrast.Width, AsideStep: 1);
        using Lines? across = Find(contrast, along, darkest);
        using Lines? down = Find(contrast, downwards, darkest);
        bool areStraightToo = (across?.StraightLines ?? 0) + (down?.StraightLines ?? 0) >= FewestStraightLines;
        if (across is null)
        {
            down?.Clear(contrast.Pixels, isFrameToo: true, areStraightToo);
            return down is not null;
        }

        // What crosses the lines across is cut to pieces with them, so its lines were looked for before; its frames are looked for
        // afterwards, for they would reach along the lines far into the picture.
        across.Clear(contrast.Pixels, isFrameToo: true, areStraightToo);
        using Lines? remaining = Find(contrast, downwards, darkest);
        remaining?.Clear(contrast.Pixels, isFrameToo: true, areStraightToo);
        down?.Clear(contrast.Pixels, isFrameToo: false, areStraightToo);
        return true;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static Lines? Find(GrayImage contrast, Direction direction, int darkest)
    {
        int columns = direction.Along / CellLength;
        int rows = direction.Aside;
        if (columns < FewestColumns || rows < 3)
        {
            return null;
        }

        int count = columns * rows;
        byte[] cells = ArrayPool<byte>.Shared.Rent(count);
        bool[] reached = ArrayPool<bool>.Shared.Rent(count);
        Average(contrast.Pixels, direction, columns, cells);
        int least = LeastLevel(cells.AsSpan(0, count));
        Lines? lines = null;
        if (FindPaths(cells, reached, columns, rows, least))
        {
            ushort[] lineOf = ArrayPool<ushort>.Shared.Rent(count);
            List<PaperLine> found = MeasureLines(cells, reached, lineOf, columns, rows, least, darkest);
            int upper = Frame(cells, reached, columns, first: 0, step: columns, rows, least);
            int lower = Frame(cells, reached, columns, first: (rows - 1) * columns, step: -columns, rows, least);
            lines = new Lines(direction, reached, lineOf, found, columns, upper, lower);
        }
        else
        {
            ArrayPool<bool>.Shared.Return(reached);
        }

        ArrayPool<byte>.Shared.Return(cells);
        return lines;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void Average(ReadOnlySpan<byte> pixels, Direction direction, int columns, Span<byte> cells)
    {
        if (direction.AlongStep == 1)
        {
            for (int row = 0; row < direction.Aside; row++)
            {
                ReadOnlySpan<byte> along = pixels.Slice(row * direction.AsideStep, columns * CellLength);
                Span<byte> cellsOfRow = cells.Slice(row * columns, columns);
                for (int column = 0; column < cellsOfRow.Length; column++)
                {
                    cellsOfRow[column] = Mean(along[0], along[1], along[2], along[3]);
                    along = along[CellLength..];
                }
            }

            return;
        }

        // Down the picture, a row of cells is a column of pixels: whole rows of pixels are read all the same.
        for (int column = 0; column < columns; column++)
        {
            int first = column * CellLength * direction.AlongStep;
            ReadOnlySpan<byte> a = pixels.Slice(first, direction.Aside);
            ReadOnlySpan<byte> b = pixels.Slice(first + direction.AlongStep, a.Length);
            ReadOnlySpan<byte> c = pixels.Slice(first + (2 * direction.AlongStep), a.Length);
            ReadOnlySpan<byte> d = pixels.Slice(first + (3 * direction.AlongStep), a.Length);
            for (int row = 0; row < a.Length; row++)
            {
                cells[(row * columns) + column] = Mean(a[row], b[row], c[row], d[row]);
            }
        }
    }

    private static byte Mean(byte a, byte b, byte c, byte d) => (byte)((a + b + c + d + (CellLength / 2)) / CellLength);

    /// <summary>The level from which on a cell may be part of a line: above the grain, which would give paths everywhere.</summary>
    private static int LeastLevel(ReadOnlySpan<byte> cells)
    {
        Span<int> histogram = stackalloc int[256];
        histogram.Clear();
        Levels.Count(cells, histogram);

        return Math.Max(LeastContrast, (GrainFactor * Levels.FromTop(histogram, (int)(PaperShare * cells.Length))) + (LeastContrast / 2));
    }

    /// <summary>Marks the cells that lie on a path from the first to the last column.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static bool FindPaths(ReadOnlySpan<byte> cells, Span<bool> reached, int columns, int rows, int least)
    {
        for (int row = 0; row < rows; row++)
        {
            reached[row * columns] = cells[row * columns] >= least;
        }

        for (int column = 1; column < columns; column++)
        {
            for (int row = 0; row < rows; row++)
            {
                int at = (row * columns) + column;
                reached[at] = cells[at] >= least && IsReached(reached, at - 1, row, rows, columns);
            }
        }

        bool any = false;
        for (int row = 0; row < rows; row++)
        {
            any |= reached[(row * columns) + columns - 1];
        }

        for (int column = columns - 2; any && column >= 0; column--)
        {
            for (int row = 0; row < rows; row++)
            {
                int at = (row * columns) + column;
                reached[at] = reached[at] && IsReached(reached, at + 1, row, rows, columns);
            }
        }

        return any;
    }

    /// <summary>Finds for each reached cell the line that it belongs to.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static List<PaperLine> MeasureLines(
        ReadOnlySpan<byte> cells, ReadOnlySpan<bool> reached, Span<ushort> lineOf, int columns, int rows, int least, int darkest)
    {
        var lines = new List<PaperLine>();
        int[] line = ArrayPool<int>.Shared.Rent(columns * rows);
        bool[] isSeen = ArrayPool<bool>.Shared.Rent(columns * rows);
        isSeen.AsSpan(0, columns * rows).Clear();
        for (int row = 0; row < rows; row++)
        {
            // Each line has a cell in the first column.
            if (reached[row * columns] && !isSeen[row * columns])
            {
                Span<int> ofLine = line.AsSpan(0, Collect(row * columns, reached, isSeen, line, columns, rows));
                foreach (int at in ofLine)
                {
                    lineOf[at] = (ushort)lines.Count;
                }

                lines.Add(PaperLine.Measure(cells[..(columns * rows)], ofLine, columns, least, darkest));
            }
        }

        ArrayPool<bool>.Shared.Return(isSeen);
        ArrayPool<int>.Shared.Return(line);
        return lines;
    }

    /// <summary>Lists the reached cells that hang together with one.</summary>
    /// <returns>How many there are.</returns>
    [MethodImpl(PixelLoop.Compilation)]
    private static int Collect(int first, ReadOnlySpan<bool> reached, Span<bool> isSeen, Span<int> line, int columns, int rows)
    {
        int length = 0;
        line[length++] = first;
        isSeen[first] = true;
        for (int i = 0; i < length; i++)
        {
            (int row, int column) = Math.DivRem(line[i], columns);
            for (int y = Math.Max(row - 1, 0); y <= Math.Min(row + 1, rows - 1); y++)
            {
                for (int x = Math.Max(column - 1, 0); x <= Math.Min(column + 1, columns - 1); x++)
                {
                    int at = (y * columns) + x;
                    if (reached[at] && !isSeen[at])
                    {
                        isSeen[at] = true;
                        line[length++] = at;
                    }
                }
            }
        }

        return length;
    }

    private static bool IsReached(ReadOnlySpan<bool> reached, int at, int row, int rows, int columns) =>
        reached[at] || (row > 0 && reached[at - columns]) || (row < rows - 1 && reached[at + columns]);

    /// <summary>Rows of a frame along one side, 0 where there is none.</summary>
    private static int Frame(ReadOnlySpan<byte> cells, ReadOnlySpan<bool> reached, int columns, int first, int step, int rows, int least)
    {
        if (Covered(cells.Slice(first, columns), reached.Slice(first, columns), (int)(PaperLine.ClearOfGrain * least), out int level) < FrameShare * columns)
        {
            return 0;
        }

        int depth = 0;
        int at = first;
        while (depth < rows / 2 && Covered(cells.Slice(at, columns), reached.Slice(at, columns), level / 2, out _) > LeastFrameShare * columns)
        {
            depth++;
            at += step;
        }

        return depth;
    }

    /// <summary>Cells of a row that are reached and have at least a level, and their mean level.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static int Covered(ReadOnlySpan<byte> cells, ReadOnlySpan<bool> reached, int least, out int mean)
    {
        int count = 0;
        int sum = 0;
        for (int i = 0; i < cells.Length; i++)
        {
            if (reached[i] && cells[i] >= least)
            {
                count++;
                sum += cells[i];
            }
        }

        mean = count > 0 ? sum / count : 0;
        return count;
    }

    /// <summary>The picture seen along its rows or along its columns.</summary>
    private readonly record struct Direction(int Along, int Aside, int AlongStep, int AsideStep);

    /// <summary>What was found in one direction.</summary>
    /// <param name="direction">It runs along.</param>
    /// <param name="reached">[rows, columns] cells that lie on a path; owned.</param>
    /// <param name="lineOf">The line of each such cell; owned.</param>
    /// <param name="lines">All lines.</param>
    /// <param name="columns">Cells along.</param>
    /// <param name="upper">Rows of a frame at the beginning.</param>
    /// <param name="lower">Rows of a frame at the end.</param>
    private sealed class Lines(
        Direction direction, bool[] reached, ushort[] lineOf, List<PaperLine> lines, int columns, int upper, int lower) : IDisposable
    {
        /// <summary>How many are straight, of those not much paler than ink.</summary>
        public int StraightLines => lines.Count(line => line.Widest > 0);

        /// <summary>Clears the paths' pixels: all of a frame, and of lines what is no ink.</summary>
        [MethodImpl(PixelLoop.Compilation)]
        public void Clear(Span<byte> pixels, bool isFrameToo, bool areStraightToo)
        {
            for (int row = 0; row < direction.Aside; row++)
            {
                bool isFrame = isFrameToo && (row < upper || row >= direction.Aside - lower);
                for (int column = 0; column < columns; column++)
                {
                    if (!reached[(row * columns) + column])
                    {
                        continue;
                    }

                    PaperLine line = isFrame ? PaperLine.Frame : lines[lineOf[(row * columns) + column]];
                    bool isStraight = areStraightToo && line.Widest > 0;
                    int first = column * CellLength;
                    int end = column == columns - 1 ? direction.Along : first + CellLength;
                    for (int i = first; i < end; i++)
                    {
                        ref byte pixel = ref pixels[(row * direction.AsideStep) + (i * direction.AlongStep)];
                        bool isInk = isStraight ? IsLongAcross(pixels, row, i, line) : pixel >= line.InkFrom;
                        pixel = isInk ? pixel : (byte)0;
                    }
                }
            }
        }

        public void Dispose()
        {
            ArrayPool<bool>.Shared.Return(reached);
            ArrayPool<ushort>.Shared.Return(lineOf);
        }

        /// <summary>Whether so much lies across a line at one pixel of it that it is a stroke.</summary>
        private bool IsLongAcross(ReadOnlySpan<byte> pixels, int row, int i, PaperLine line)
        {
            int from = row;
            int to = row;
            while (from > 0 && to - from < line.Widest && Level(pixels, from - 1, i) >= line.Beside)
            {
                from--;
            }

            while (to < direction.Aside - 1 && to - from < line.Widest && Level(pixels, to + 1, i) >= line.Beside)
            {
                to++;
            }

            return to - from >= line.Widest;
        }

        private byte Level(ReadOnlySpan<byte> pixels, int row, int i) => pixels[(row * direction.AsideStep) + (i * direction.AlongStep)];
    }
}
