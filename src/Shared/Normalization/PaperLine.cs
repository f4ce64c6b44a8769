using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>A line that runs through a contrast picture, and what of its pixels is ink that somebody wrote across it.</summary>
/// <param name="InkFrom">Pixels that are as dark are ink; 0: all are.</param>
/// <param name="Widest">
/// Of a line that is straight, thin and not much paler than ink, so that it is one where there are several such: what is longer
/// across it is ink, in pixels. 0: of any other.
/// </param>
/// <param name="Beside">Level from which on a pixel beside the line counts to that length.</param>
internal readonly record struct PaperLine(int InkFrom, int Widest = 0, int Beside = 0)
{
    /// <summary>What is this many times as dark as the least that a line may be is clearly no grain.</summary>
    public const double ClearOfGrain = 1.5;

    /// <summary>Where a stroke crosses a line it is darker than the line by this factor.</summary>
    private const double CrossingFactor = 1.5;

    // A line from this share of the darkest ink on is hardly darker where a stroke crosses it, which is known there by its length
    // across the line. What is beside the line counts to it from a share of the darkest ink on.
    private const double NearlyInk = 0.57;
    private const double InkBeside = 0.35;

    /// <summary>Lines are printed paler than ink: a line above this share of the darkest ink is a stroke, unless it is straight and thin.</summary>
    private const double PalestInk = 0.7;

    // Thin and straight, as shares of the picture across the line, or in pixels of a small picture, in this share of its columns.
    private const double ThinLine = 1.0 / 32;
    private const int SmallThinLine = 3;
    private const double StraightLine = 1.0 / 64;
    private const int SmallBend = 2;
    private const double StraightColumns = 0.5;

    // A line is about as dark all along. Where a stroke and grain make a path together, this share of its columns is grain.
    private const double ThinnestShare = 0.15;
    private const double MostOfThinnest = 1.3;

    /// <summary>All of a table's or a frame's pixels are to go.</summary>
    public static PaperLine Frame => new(InkFrom: byte.MaxValue + 1);

    /// <param name="cells">[rows, columns] contrast, the line along the columns.</param>
    /// <param name="line">Which cells are of the line, some in every column.</param>
    /// <param name="columns">More than one.</param>
    /// <param name="least">Contrast that a line has at least.</param>
    /// <param name="darkest">That of the darkest ink.</param>
    public static PaperLine Measure(ReadOnlySpan<byte> cells, ReadOnlySpan<int> line, int columns, int least, int darkest)
    {
        int level = Level(cells, line, columns, least);
        int inkFrom = level < PalestInk * darkest ? Math.Min((int)(CrossingFactor * level), byte.MaxValue) : 0;
        return level >= NearlyInk * darkest && LooksStraight(cells, line, columns, level / 2, out int width)
            ? new PaperLine(inkFrom, Widest: width + 1, (int)(InkBeside * darkest))
            : new PaperLine(inkFrom);
    }

    /// <summary>How dark a line is: that of its darkest quarter, but not much more than it reaches in nearly all columns.</summary>
    /// <returns>0 where that is not clearly more than grain: the path is of a stroke and grain, and no line.</returns>
    [MethodImpl(PixelLoop.Compilation)]
    private static int Level(ReadOnlySpan<byte> cells, ReadOnlySpan<int> line, int columns, int least)
    {
        Span<int> levels = stackalloc int[256];
        Span<byte> darkest = stackalloc byte[columns];
        levels.Clear();
        darkest.Clear();
        foreach (int at in line)
        {
            levels[cells[at]]++;
            darkest[at % columns] = Math.Max(darkest[at % columns], cells[at]);
        }

        darkest.Sort();
        int thinnest = darkest[(int)(ThinnestShare * columns)];
        int level = Levels.FromTop(levels, line.Length / 4);
        int most = (int)(MostOfThinnest * thinnest);
        if (level <= most)
        {
            return level;
        }

        return thinnest < ClearOfGrain * least ? 0 : most;
    }

    /// <param name="cells">[rows, columns] contrast.</param>
    /// <param name="line">Which cells are of the line.</param>
    /// <param name="columns">Cells along it.</param>
    /// <param name="from">Contrast of the middle of its edge.</param>
    /// <param name="width">Its median width, in rows of cells.</param>
    [MethodImpl(PixelLoop.Compilation)]
    private static bool LooksStraight(ReadOnlySpan<byte> cells, ReadOnlySpan<int> line, int columns, int from, out int width)
    {
        Span<int> widths = stackalloc int[columns];
        Span<int> sums = stackalloc int[columns];
        widths.Clear();
        sums.Clear();
        foreach (int at in line)
        {
            if (cells[at] >= from)
            {
                (int row, int column) = Math.DivRem(at, columns);
                widths[column]++;
                sums[column] += row;
            }
        }

        int rows = cells.Length / columns;
        double widest = Math.Max(SmallThinLine, ThinLine * rows);
        double bend = Math.Max(SmallBend, StraightLine * rows);
        double start = Middle(sums[0], widths[0]);
        double slope = (Middle(sums[^1], widths[^1]) - start) / (columns - 1);
        int straight = 0;
        for (int column = 0; column < columns; column++)
        {
            // Not a number, which is in no range, where there is none so dark.
            double aside = Middle(sums[column], widths[column]) - start - (slope * column);
            straight += widths[column] <= widest && Math.Abs(aside) <= bend ? 1 : 0;
        }

        widths.Sort();
        width = widths[columns / 2];
        return straight >= StraightColumns * columns;

        static double Middle(int sum, int count) => (double)sum / count;
    }
}
