using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// The ink of a contrast picture, split into connected parts (8 neighbours), by union-find over the runs of its rows
/// (Rosenfeld and Pfaltz, "Sequential operations in digital picture processing", 1966).
/// </summary>
internal sealed class InkParts : IDisposable
{
    /// <summary>Noise has half a million runs, so that the shared pool would keep megabytes for every thread.</summary>
    private static readonly ArrayPool<Run> Pool = ArrayPool<Run>.Create(maxArrayLength: 64 * 1024, maxArraysPerBucket: 8);

    // A box follows this share of its sides, give or take the tolerance, and takes up this share of the picture each way.
    private const double BoxCover = 0.85;
    private const double BoxTolerance = 0.08;
    private const double LeastBoxShare = 0.25;
    private const double MostInside = 0.5;

    // A ring around a figure: what is drawn inside of a 0 is smaller, and a 0 narrower.
    private const double MostLengthOfRing = 1.4;
    private const double MostInkOfRing = 0.35;
    private const double LeastFigureInRing = 0.35;
    private const double LeastContrastInRing = 0.5;

    // What is this long, in shares of the picture, and nowhere farther from its edge than this, is a side of a box.
    private const double LeastEdgeShare = 0.5;
    private const double BoxMargin = 0.12;

    // The outline is crossed from so far inside to so far outside, in pixels: smoothing makes it so wide. Above and below a run
    // that is done in every so many places.
    private const int Inside = 1;
    private const int Outside = 2;
    private const int OutlineStride = 4;

    /// <summary>Width of a speck's soft edge, in pixels.</summary>
    private const int SpeckEdge = 2;

    private readonly GrayImage _contrast;
    private readonly GrayImage? _photo;
    private readonly byte _threshold;
    private Run[] _runs = Pool.Rent(1024);
    private int _runCount;
    private InkPart[] _parts = [];

    private InkParts(GrayImage contrast, int threshold, GrayImage? photo)
    {
        _contrast = contrast;
        _threshold = (byte)threshold;
        _photo = photo;
    }

    public ReadOnlySpan<InkPart> Parts => _parts;

    /// <summary>Finds all parts.</summary>
    /// <param name="contrast">0 = paper, and the more, the more ink.</param>
    /// <param name="threshold">Contrast from which on a pixel is ink.</param>
    /// <param name="photo">What the contrast was measured in, ink dark, where the paper was estimated.</param>
    public static InkParts Find(GrayImage contrast, int threshold, GrayImage? photo)
    {
        var ink = new InkParts(contrast, threshold, photo);
        int previousRow = 0;
        for (int y = 0; y < contrast.Height; y++)
        {
            int thisRow = ink._runCount;
            ink.AddRuns(y);
            ink.JoinRows(previousRow, thisRow);
            previousRow = thisRow;
        }

        ink.Measure();
        return ink;
    }

    /// <summary>A picture of the chosen parts alone, 0 elsewhere; their surroundings up to <paramref name="margin"/> stay.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public void CopyChosen(ReadOnlySpan<bool> chosen, int margin, InkPart box, GrayImage target)
    {
        target.Pixels.Clear();
        for (int i = 0; i < _runCount; i++)
        {
            ref readonly Run run = ref _runs[i];
            if (!chosen[run.Part])
            {
                continue;
            }

            int left = Math.Max(run.Left - margin, 0);
            int right = Math.Min(run.Right + margin, _contrast.Width);
            int top = Math.Max(run.Y - margin, 0);
            int bottom = Math.Min(run.Y + margin + 1, _contrast.Height);
            for (int y = top; y < bottom; y++)
            {
                _contrast.Row(y)[left..right].CopyTo(target.Row(y - box.Top)[(left - box.Left)..]);
            }
        }
    }

    /// <summary>Takes the sides of a box, and what touches them there, out of a contrast picture.</summary>
    /// <param name="part">A part that is a box.</param>
    /// <param name="contrast">The picture that the ink was found in.</param>
    public void ClearSides(int part, GrayImage contrast)
    {
        InkPart box = _parts[part];
        (int nearX, int nearY) = Near(box);
        for (int i = 0; i < _runCount; i++)
        {
            Run run = _runs[i];
            if (run.Part != part)
            {
                continue;
            }

            // The soft edge of the ink goes too.
            Span<byte> row = contrast.Row(run.Y);
            int left = Math.Max(run.Left - 1, 0);
            int right = Math.Min(run.Right + 1, row.Length);
            if (run.Y < box.Top + nearY || run.Y >= box.Bottom - nearY)
            {
                row[left..right].Clear();
                continue;
            }

            int inLeft = Math.Clamp(box.Left + nearX, left, right);
            int inRight = Math.Clamp(box.Right - nearX, inLeft, right);
            row[left..inLeft].Clear();
            row[inRight..right].Clear();
        }
    }

    /// <summary>Takes the smallest parts, with their soft edges, out of a contrast picture.</summary>
    /// <param name="longSide">That of the largest of them, in pixels.</param>
    /// <param name="contrast">The picture that the ink was found in.</param>
    public void ClearSmall(int longSide, GrayImage contrast)
    {
        foreach (InkPart part in _parts)
        {
            if (part.LongSide > longSide)
            {
                continue;
            }

            int left = Math.Max(part.Left - SpeckEdge, 0);
            int right = Math.Min(part.Right + SpeckEdge, contrast.Width);
            for (int y = Math.Max(part.Top - SpeckEdge, 0); y < Math.Min(part.Bottom + SpeckEdge, contrast.Height); y++)
            {
                contrast.Row(y)[left..right].Clear();
            }
        }
    }

    public void Dispose() => Pool.Return(_runs);

    [MethodImpl(PixelLoop.Compilation)]
    private void AddRuns(int y)
    {
        ReadOnlySpan<byte> row = _contrast.Row(y);
        int x = 0;
        while (true)
        {
            int skipped = row[x..].IndexOfAnyInRange(_threshold, byte.MaxValue);
            if (skipped < 0)
            {
                return;
            }

            int left = x + skipped;
            int length = row[left..].IndexOfAnyExceptInRange(_threshold, byte.MaxValue);
            x = length < 0 ? row.Length : left + length;
            if (_runCount == _runs.Length)
            {
                Run[] more = Pool.Rent(2 * _runs.Length);
                _runs.CopyTo(more, 0);
                Pool.Return(_runs);
                _runs = more;
            }

            _runs[_runCount] = new Run(y, left, x, Part: _runCount);
            _runCount++;
        }
    }

    /// <summary>Joins the runs of the last row with those of the row before that they touch, also by a corner.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private void JoinRows(int previousRow, int thisRow)
    {
        int above = previousRow;
        for (int i = thisRow; i < _runCount; i++)
        {
            while (above < thisRow && _runs[above].Right < _runs[i].Left)
            {
                above++;
            }

            for (int j = above; j < thisRow && _runs[j].Left <= _runs[i].Right; j++)
            {
                Join(i, j);
            }
        }
    }

    private void Join(int a, int b)
    {
        int rootA = Root(a);
        int rootB = Root(b);
        _runs[Math.Max(rootA, rootB)].Part = Math.Min(rootA, rootB);
    }

    private int Root(int run)
    {
        while (_runs[run].Part != run)
        {
            _runs[run].Part = _runs[_runs[run].Part].Part;
            run = _runs[run].Part;
        }

        return run;
    }

    /// <summary>Numbers the parts from 0 and measures them.</summary>
    private void Measure()
    {
        var parts = new List<InkPart>();
        for (int i = 0; i < _runCount; i++)
        {
            // A root comes before all runs that it stands for, and has its number by now.
            int root = _runs[i].Part;
            int part = root == i ? parts.Count : _runs[root].Part;
            InkPart measured = Measure(_runs[i]);
            if (root == i)
            {
                parts.Add(measured);
            }
            else
            {
                parts[part] = parts[part].Join(measured);
            }

            _runs[i].Part = part;
        }

        _parts = [.. parts];
        for (int part = 0; part < _parts.Length; part++)
        {
            double width = (double)_parts[part].Width / _contrast.Width;
            double height = (double)_parts[part].Height / _contrast.Height;
            bool isAlongEdge = Math.Max(width, height) > LeastEdgeShare && !_parts[part].ReachesInside;
            if (isAlongEdge || (Math.Min(width, height) > LeastBoxShare && (FollowsItsBox(part) || IsRing(part))))
            {
                _parts[part] = _parts[part] with { IsBox = true };
            }
        }
    }

    /// <summary>Whether a part is a thin line around a figure, about as wide as high.</summary>
    private bool IsRing(int part)
    {
        InkPart ring = _parts[part];
        if (ring.LongSide > MostLengthOfRing * Math.Min(ring.Width, ring.Height) || ring.Area > MostInkOfRing * ring.Width * ring.Height)
        {
            return false;
        }

        double leastContrast = LeastContrastInRing * ring.Mass / ring.Area;
        foreach (ref readonly InkPart other in _parts.AsSpan())
        {
            if (other.LongSide >= LeastFigureInRing * ring.LongSide
                && other.Mass >= leastContrast * other.Area
                && ring.Encloses(other)
                && IsAround(part, other))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a part is to the left and to the right of another one's middle, above and below it.</summary>
    private bool IsAround(int part, in InkPart other)
    {
        (int x, int y) = other.Middle;
        Sides across = 0;
        Sides down = 0;
        foreach (ref readonly Run run in _runs.AsSpan(0, _runCount))
        {
            if (run.Part != part)
            {
                continue;
            }

            if (run.Y == y)
            {
                across |= (run.Right <= other.Left ? Sides.First : 0) | (run.Left >= other.Right ? Sides.Last : 0);
            }

            if (Contains(run, x))
            {
                down |= (run.Y < other.Top ? Sides.First : 0) | (run.Y >= other.Bottom ? Sides.Last : 0);
            }
        }

        return (across & down) == (Sides.First | Sides.Last);
    }

    /// <summary>Whether a part runs along three sides of its bounding box at least.</summary>
    private bool FollowsItsBox(int part)
    {
        InkPart box = _parts[part];
        (int nearX, int nearY) = Near(box);
        Span<Sides> rows = stackalloc Sides[box.Height];
        Span<Sides> columns = stackalloc Sides[box.Width];
        rows.Clear();
        columns.Clear();

        // Pixels just inside of where the lines of a box end, along each side: a 0 that is written as a rectangle has them.
        (int left, int right, int upper, int lower) = (0, 0, 0, 0);
        for (int i = 0; i < _runCount; i++)
        {
            Run run = _runs[i];
            if (run.Part != part)
            {
                continue;
            }

            rows[run.Y - box.Top] |= (run.Left < box.Left + nearX ? Sides.First : 0) | (run.Right > box.Right - nearX ? Sides.Last : 0);
            Sides side = (run.Y < box.Top + nearY ? Sides.First : 0) | (run.Y >= box.Bottom - nearY ? Sides.Last : 0);
            for (int x = run.Left; side != 0 && x < run.Right; x++)
            {
                columns[x - box.Left] |= side;
            }

            left += Contains(run, box.Left + nearX) ? 1 : 0;
            right += Contains(run, box.Right - 1 - nearX) ? 1 : 0;
            upper += run.Y == box.Top + nearY ? run.Right - run.Left : 0;
            lower += run.Y == box.Bottom - 1 - nearY ? run.Right - run.Left : 0;
        }

        bool isThin = Math.Max(left, right) < MostInside * box.Height && Math.Max(upper, lower) < MostInside * box.Width;
        return isThin && IsCovered(rows, Sides.First) + IsCovered(rows, Sides.Last) + IsCovered(columns, Sides.First) + IsCovered(columns, Sides.Last) >= 3;
    }

    private static bool Contains(in Run run, int x) => run.Left <= x && x < run.Right;

    /// <summary>Columns and rows along the sides of a box that count as the sides.</summary>
    private static (int X, int Y) Near(InkPart box) =>
        ((int)Math.Ceiling(BoxTolerance * box.Width), (int)Math.Ceiling(BoxTolerance * box.Height));

    /// <returns>1 if the side is, 0 if not.</returns>
    private static int IsCovered(ReadOnlySpan<Sides> places, Sides side)
    {
        int covered = 0;
        foreach (Sides sides in places)
        {
            covered += (sides & side) != 0 ? 1 : 0;
        }

        return covered >= BoxCover * places.Length ? 1 : 0;
    }

    private InkPart Measure(in Run run)
    {
        ReadOnlySpan<byte> contrast = _contrast.Row(run.Y)[run.Left..run.Right];
        bool isOutermostRow = run.Y == 0 || run.Y == _contrast.Height - 1;
        int edgeContact = isOutermostRow
            ? run.Right - run.Left
            : (run.Left == 0 ? 1 : 0) + (run.Right == _contrast.Width ? 1 : 0);
        bool reachesInside = Math.Min(run.Y, _contrast.Height - 1 - run.Y) >= BoxMargin * _contrast.Height
            && run.Left < (1 - BoxMargin) * _contrast.Width
            && run.Right > BoxMargin * _contrast.Width;
        (int seen, int steps) = _photo is null ? default : MeasureOutline(run, _photo);
        return new InkPart(
            run.Left, run.Y, run.Right, run.Y + 1, run.Right - run.Left, Levels.Sum(contrast), TensorPrimitives.Max(contrast), edgeContact)
        {
            ReachesInside = reachesInside,
            OutlineSteps = steps,
            SeenSteps = seen,
        };
    }

    /// <summary>The contrast's steps across the outline at both ends of a run, above and below it, and what the photo has of them.</summary>
    private (int Seen, int Steps) MeasureOutline(in Run run, GrayImage photo)
    {
        (int Seen, int Steps) sum = default;
        Cross(Math.Min(run.Left + Inside, run.Right - 1), run.Y, run.Left - Outside, run.Y, photo, ref sum);
        Cross(Math.Max(run.Right - 1 - Inside, run.Left), run.Y, run.Right - 1 + Outside, run.Y, photo, ref sum);
        for (int x = run.Left; x < run.Right; x += OutlineStride)
        {
            bool isInkAbove = IsInk(x, run.Y - 1);
            bool isInkBelow = IsInk(x, run.Y + 1);
            if (!isInkAbove)
            {
                Cross(x, isInkBelow ? run.Y + Inside : run.Y, x, run.Y - Outside, photo, ref sum);
            }

            if (!isInkBelow)
            {
                Cross(x, isInkAbove ? run.Y - Inside : run.Y, x, run.Y + Outside, photo, ref sum);
            }
        }

        return sum;
    }

    private bool IsInk(int x, int y) => y >= 0 && y < _contrast.Height && _contrast.Row(y)[x] >= _threshold;

    private void Cross(int inX, int inY, int outX, int outY, GrayImage photo, ref (int Seen, int Steps) sum)
    {
        bool isOutside = outX < 0 || outX >= _contrast.Width || outY < 0 || outY >= _contrast.Height;
        if (isOutside || photo.Row(outY)[outX] == InkContrast.TakenOut)
        {
            return;
        }

        int step = Math.Max(_contrast.Row(inY)[inX] - _contrast.Row(outY)[outX], 0);
        int lack = Math.Max(InkContrast.Lack(photo.Row(inY)[inX], photo.Row(outY)[outX]), 0);
        sum.Seen += Math.Min(lack, step);
        sum.Steps += step;
    }

    /// <summary>Which sides of a box are near.</summary>
    [Flags]
    private enum Sides : byte
    {
        First = 1,
        Last = 2,
    }

    /// <summary>Neighbouring ink pixels of a row.</summary>
    /// <param name="Part">While joining, a run further up of the same part, or itself; then the part's number.</param>
    private record struct Run(int Y, int Left, int Right, int Part);
}
