using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// The 8-connected components of the ink, by union-find over the runs of the rows (Rosenfeld and Pfaltz, "Sequential
/// operations in digital picture processing", 1966).
/// </summary>
/// <param name="contrast">0 = paper, 255 = the most ink; stays as it is while this is used.</param>
/// <param name="threshold">Contrast from which on a pixel is ink.</param>
internal sealed class ConnectedComponents(GrayImage contrast, byte threshold) : IDisposable
{
    /// <summary>Noise has half a million runs; the shared pool would keep megabytes of them for every thread.</summary>
    private static readonly ArrayPool<Run> Pool =
        ArrayPool<Run>.Create(maxArrayLength: 64 * 1024, maxArraysPerBucket: 8);

    /// <summary>The largest ones are kept: components are compared in pairs, and a texture has 65,000.</summary>
    private const int MaxComponents = 2000;

    private Run[] _runs = Pool.Rent(1024);
    private int _runCount;
    private Component[] _all = [];

    public IReadOnlyList<Component> All => _all;

    public static ConnectedComponents Find(GrayImage contrast, int threshold)
    {
        var components = new ConnectedComponents(contrast, (byte)threshold);
        int previousRow = 0;
        for (int y = 0; y < contrast.Height; y++)
        {
            int thisRow = components._runCount;
            components.AddRuns(y);
            components.JoinRows(previousRow, thisRow);
            previousRow = thisRow;
        }

        components.Measure();
        return components;
    }

    /// <summary>The contrast of the chosen components and a margin around each of their pixels; 0 elsewhere.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public GrayImage Copy(ReadOnlySpan<bool> chosen, int margin, in Region box)
    {
        var target = new GrayImage(box.Width, box.Height);
        target.Pixels.Clear();
        for (int i = 0; i < _runCount; i++)
        {
            ref readonly Run run = ref _runs[i];
            if (run.Component >= chosen.Length || !chosen[run.Component])
            {
                continue;
            }

            int left = Math.Max(run.Left - margin, box.Left);
            int right = Math.Min(run.Right + margin, box.Right);
            int top = Math.Max(run.Y - margin, box.Top);
            int bottom = Math.Min(run.Y + margin + 1, box.Bottom);
            for (int y = top; y < bottom; y++)
            {
                contrast.Row(y)[left..right].CopyTo(target.Row(y - box.Top)[(left - box.Left)..]);
            }
        }

        return target;
    }

    public void Dispose() => Pool.Return(_runs);

    [MethodImpl(PixelLoop.Compilation)]
    private void AddRuns(int y)
    {
        ReadOnlySpan<byte> row = contrast.Row(y);
        for (int right = 0; row[right..].IndexOfAnyInRange(threshold, byte.MaxValue) is >= 0 and var gap;)
        {
            int left = right + gap;
            int length = row[left..].IndexOfAnyExceptInRange(threshold, byte.MaxValue);
            right = length < 0 ? row.Length : left + length;
            if (_runCount == _runs.Length)
            {
                Run[] more = Pool.Rent(2 * _runs.Length);
                _runs.CopyTo(more, 0);
                Pool.Return(_runs);
                _runs = more;
            }

            _runs[_runCount] = new Run(y, left, right, Component: _runCount);
            _runCount++;
        }
    }

    /// <summary>Joins the runs of the last row with those of the row before, which may touch by a corner.</summary>
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
                int rootA = Root(i);
                int rootB = Root(j);
                _runs[Math.Max(rootA, rootB)].Component = Math.Min(rootA, rootB);
            }
        }
    }

    private int Root(int run)
    {
        while (_runs[run].Component != run)
        {
            _runs[run].Component = _runs[_runs[run].Component].Component;
            run = _runs[run].Component;
        }

        return run;
    }

    /// <summary>Numbers the components from 0 and measures them.</summary>
    private void Measure()
    {
        var all = new List<Component>();
        for (int i = 0; i < _runCount; i++)
        {
            // A root comes before all runs that it stands for, and has its number by now.
            int root = _runs[i].Component;
            int number = root == i ? all.Count : _runs[root].Component;
            Component measured = Measure(_runs[i]);
            if (root == i)
            {
                all.Add(measured);
            }
            else
            {
                all[number] = all[number].Join(measured);
            }

            _runs[i].Component = number;
        }

        _all = all.Count > MaxComponents ? KeepLargest(all) : [.. all];
    }

    private Component[] KeepLargest(List<Component> all)
    {
        int[] bySize = [.. Enumerable.Range(0, all.Count).OrderByDescending(i => all[i].Area)];
        int[] numbers = new int[all.Count];
        foreach ((int number, int old) in bySize.Index())
        {
            numbers[old] = number;
        }

        foreach (ref Run run in _runs.AsSpan(0, _runCount))
        {
            run.Component = numbers[run.Component];
        }

        return [.. bySize.Take(MaxComponents).Select(i => all[i])];
    }

    private Component Measure(in Run run)
    {
        ReadOnlySpan<byte> ink = contrast.Row(run.Y)[run.Left..run.Right];
        bool isOutermostRow = run.Y == 0 || run.Y == contrast.Height - 1;
        int edgeContact = isOutermostRow
            ? ink.Length
            : (run.Left == 0 ? 1 : 0) + (run.Right == contrast.Width ? 1 : 0);
        return new Component(
            new Region(run.Left, run.Y, run.Right, run.Y + 1), ink.Length, PixelStatistics.Sum(ink),
            TensorPrimitives.Max(ink), edgeContact);
    }

    /// <summary>Neighboring ink pixels of a row.</summary>
    /// <param name="Component">While joining, an earlier run of the same component, or itself; then the component's
    /// number, beyond all if it was too small to keep.</param>
    private record struct Run(int Y, int Left, int Right, int Component);
}
