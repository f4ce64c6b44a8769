using System.Buffers;
using System.Numerics.Tensors;

namespace MnistLstm.Shared.Imaging;

/// <summary>
/// The ink of a contrast picture, split into connected parts (8 neighbours), by union-find over the runs of its rows
/// (Rosenfeld and Pfaltz, "Sequential operations in digital picture processing", 1966).
/// </summary>
internal sealed class InkParts : IDisposable
{
    /// <summary>Noise has half a million runs, so that the shared pool would keep megabytes for every thread.</summary>
    private static readonly ArrayPool<Run> Pool = ArrayPool<Run>.Create(maxArrayLength: 64 * 1024, maxArraysPerBucket: 8);

    private readonly GrayImage _contrast;
    private Run[] _runs = Pool.Rent(1024);
    private int _runCount;
    private InkPart[] _parts = [];

    private InkParts(GrayImage contrast) => _contrast = contrast;

    public ReadOnlySpan<InkPart> Parts => _parts;

    /// <summary>Finds all parts.</summary>
    /// <param name="threshold">Contrast from which on a pixel is ink.</param>
    public static InkParts Find(GrayImage contrast, int threshold)
    {
        var ink = new InkParts(contrast);
        int previousRow = 0;
        for (int y = 0; y < contrast.Height; y++)
        {
            int thisRow = ink._runCount;
            ink.AddRuns(y, (byte)threshold);
            ink.JoinRows(previousRow, thisRow);
            previousRow = thisRow;
        }

        ink.Measure();
        return ink;
    }

    /// <summary>A picture of the chosen parts alone, 0 elsewhere; their surroundings up to <paramref name="margin"/> stay.</summary>
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

    public void Dispose() => Pool.Return(_runs);

    private void AddRuns(int y, byte threshold)
    {
        ReadOnlySpan<byte> row = _contrast.Row(y);
        int x = 0;
        while (true)
        {
            int skipped = row[x..].IndexOfAnyInRange(threshold, byte.MaxValue);
            if (skipped < 0)
            {
                return;
            }

            int left = x + skipped;
            int length = row[left..].IndexOfAnyExceptInRange(threshold, byte.MaxValue);
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
    }

    private InkPart Measure(in Run run)
    {
        ReadOnlySpan<byte> contrast = _contrast.Row(run.Y)[run.Left..run.Right];
        bool isOutermostRow = run.Y == 0 || run.Y == _contrast.Height - 1;
        int edgeContact = isOutermostRow
            ? run.Right - run.Left
            : (run.Left == 0 ? 1 : 0) + (run.Right == _contrast.Width ? 1 : 0);
        return new InkPart(
            run.Left, run.Y, run.Right, run.Y + 1, run.Right - run.Left, Levels.Sum(contrast), TensorPrimitives.Max(contrast), edgeContact);
    }

    /// <summary>Neighbouring ink pixels of a row.</summary>
    /// <param name="Part">While joining, a run further up of the same part, or itself; then the part's number.</param>
    private record struct Run(int Y, int Left, int Right, int Part);
}
