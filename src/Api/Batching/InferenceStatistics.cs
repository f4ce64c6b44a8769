using System.Diagnostics;

namespace MnistLstm.Api.Batching;

/// <summary>Counts and times of an <see cref="InferenceQueue"/> since it started.</summary>
public sealed class InferenceStatistics
{
    private const double NanosecondsPerSecond = 1e9;

    private readonly Lock _gate = new();
    private readonly BatchTotals[] _bySize;
    private long _images;
    private DateTimeOffset? _lastAt;
    private Total _success;
    private Total _failure;
    private Total _wait;
    private Total _input;
    private Total _infer;
    private Total _output;

    /// <param name="maxBatch">N at most, in images.</param>
    public InferenceStatistics(int maxBatch) => _bySize = new BatchTotals[maxBatch + 1];

    /// <summary>A consistent snapshot of all counters.</summary>
    public InferenceCounts Read()
    {
        lock (_gate)
        {
            List<BatchStatistics> batches = [];
            for (int size = 1; size < _bySize.Length; size++)
            {
                BatchTotals totals = _bySize[size];
                if (totals.Count > 0)
                {
                    batches.Add(new BatchStatistics(
                        size, TimedCount(totals.Count, totals.Times.Input),
                        TimedCount(totals.Count, totals.Times.Infer), TimedCount(totals.Count, totals.Times.Output)));
                }
            }

            var steps = new InferenceSteps(
                TimedCount(_success), TimedCount(_failure), TimedCount(_wait), TimedCount(_input),
                TimedCount(_infer), TimedCount(_output));
            return new InferenceCounts(_images, _lastAt, steps, batches);
        }
    }

    /// <summary>Counts one run of the network over N = <paramref name="images"/>.</summary>
    /// <param name="images">Total images of all slices.</param>
    /// <param name="times">The times of this run.</param>
    /// <param name="slices">The slices of the batch, with their requests.</param>
    internal void CountBatch(int images, ComputeTimes times, List<InferenceSlice> slices)
    {
        lock (_gate)
        {
            _bySize[images].Count++;
            _bySize[images].Times += times;
            foreach (InferenceSlice slice in slices)
            {
                slice.Request.Times += times;
            }
        }
    }

    /// <summary>Counts requests that were computed, were dropped or failed.</summary>
    internal void CountRequests(List<InferenceRequest> requests, long finishedAt)
    {
        if (requests.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (InferenceRequest request in requests)
            {
                if (!request.IsComputed)
                {
                    _failure.Add(finishedAt - request.EnqueuedAt);
                    continue;
                }

                _images += request.Count;
                _success.Add(finishedAt - request.EnqueuedAt);
                _wait.Add(request.StartedAt - request.EnqueuedAt);
                _input.Add(request.Times.Input);
                _infer.Add(request.Times.Infer);
                _output.Add(request.Times.Output);
                _lastAt = DateTimeOffset.UtcNow;
            }
        }
    }

    /// <summary>Counts a rejected request.</summary>
    internal void CountFailure()
    {
        lock (_gate)
        {
            _failure.Add(0);
        }
    }

    private static TimedCount TimedCount(Total total) => TimedCount(total.Count, total.Ticks);

    private static TimedCount TimedCount(long count, long ticks) =>
        new(count, (long)(ticks * (NanosecondsPerSecond / Stopwatch.Frequency)));

    /// <summary>Times of one or more runs, in <see cref="Stopwatch"/> ticks.</summary>
    /// <param name="Input">Time to pack the images into the batch.</param>
    /// <param name="Infer">Time in the network.</param>
    /// <param name="Output">Time to distribute the results.</param>
    internal readonly record struct ComputeTimes(long Input, long Infer, long Output)
    {
        public static ComputeTimes operator +(ComputeTimes a, ComputeTimes b) =>
            new(a.Input + b.Input, a.Infer + b.Infer, a.Output + b.Output);
    }

    private struct Total
    {
        public long Count { get; private set; }

        public long Ticks { get; private set; }

        public void Add(long ticks)
        {
            Count++;
            Ticks += ticks;
        }
    }

    private struct BatchTotals
    {
        public long Count;
        public ComputeTimes Times;
    }
}
