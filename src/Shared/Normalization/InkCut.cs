using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// A straight line through a picture from top to bottom, upright or slanted as handwriting is. Where the profile of the
/// ink along parallel lines has a minimum, two digits may touch.
/// </summary>
internal sealed class InkCut
{
    /// <summary>
    /// Columns to the right for each row up. Of 1,600 made pairs of touching digits, 94.2 % are read right with these
    /// four, 93.7 % with three, and 85.7 % with lines that bend around the ink instead.
    /// </summary>
    private static readonly double[] Slants = [-0.25, 0, 0.25, 0.5];

    /// <summary>
    /// Parallel cuts are this far apart, as a share of the picture's height. With 0.08, there are a quarter more
    /// pieces, and as many pairs are read.
    /// </summary>
    private const double MinDistance = 0.1;

    /// <summary>At most; those through the least ink stay.</summary>
    private const int Max = 128;

    private readonly double _slant;
    private readonly int _width;
    private readonly int _height;

    /// <param name="x">Its column at half the height.</param>
    /// <param name="slant">Columns to the right for each row up.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    public InkCut(int x, double slant, int width, int height) =>
        (Middle, _slant, _width, _height) = (x, slant, width, height);

    /// <summary>Its column at half the height.</summary>
    public int Middle { get; }

    /// <summary>Its leftmost column.</summary>
    public int Left => Math.Min(Column(0), Column(_height - 1));

    private int Right => Math.Max(Column(0), Column(_height - 1));

    /// <summary>Finds cuts at all slants, from left to right: those through less ink than their neighborhood.</summary>
    /// <param name="ink">0 = paper, 255 = ink.</param>
    public static IReadOnlyList<InkCut> Find(GrayImage ink)
    {
        List<(InkCut Cut, long Ink)> lines = [];
        foreach (double slant in Slants)
        {
            InkCut[] parallels =
                [.. Enumerable.Range(0, ink.Width).Select(x => new InkCut(x, slant, ink.Width, ink.Height))];
            long[] profile = [.. parallels.Select(line => line.InkOn(ink))];
            for (int x = 1; x < ink.Width - 1; x++)
            {
                if (profile[x] <= profile[x - 1] && profile[x] <= profile[x + 1])
                {
                    lines.Add((parallels[x], profile[x]));
                }
            }
        }

        int distance = Math.Max(1, (int)(MinDistance * ink.Height));
        List<InkCut> cuts = [];
        foreach ((InkCut line, _) in lines.OrderBy(line => line.Ink))
        {
            if (cuts.Count < Max
                && line.Middle >= distance
                && line.Middle < ink.Width - distance
                && cuts.TrueForAll(cut => !cut.IsParallel(line) || Math.Abs(cut.Middle - line.Middle) >= distance))
            {
                cuts.Add(line);
            }
        }

        return [.. cuts.OrderBy(cut => cut.Middle)];
    }

    /// <summary>The ink between two cuts, from the leftmost column of the left one; paper elsewhere.</summary>
    public static GrayImage Between(GrayImage ink, InkCut left, InkCut right)
    {
        int first = left.Left;
        var part = new GrayImage(Math.Max(right.Right - first, 1), ink.Height);
        part.Pixels.Clear();
        for (int y = 0; y < ink.Height; y++)
        {
            (int from, int to) = (left.Column(y), right.Column(y));
            if (from < to)
            {
                ink.Row(y)[from..to].CopyTo(part.Row(y)[(from - first)..]);
            }
        }

        return part;
    }

    public bool IsParallel(InkCut other) => _slant.Equals(other._slant);

    private int Column(int y) =>
        Math.Clamp((int)Math.Round(Middle + (_slant * ((_height / 2) - y))), 0, _width);

    private long InkOn(GrayImage ink)
    {
        long sum = 0;
        for (int y = 0; y < _height; y++)
        {
            int x = Column(y);
            sum += x < _width ? ink.Row(y)[x] : 0;
        }

        return sum;
    }
}
