using System.Diagnostics;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Batching;

/// <summary>Computes one batch after another in its own memory, on the thread pool or on the caller's thread.</summary>
internal sealed class InferenceWorker(InferenceQueue queue, ClassifierBatch batch) : IThreadPoolWorkItem, IDisposable
{
    private readonly List<InferenceSlice> _taken = new(batch.Capacity);
    private readonly List<InferenceSlice> _live = new(batch.Capacity);
    private readonly List<InferenceSlice> _dropped = [];
    private readonly List<InferenceRequest> _finished = new(batch.Capacity);

    /// <summary>
    /// Runs at once if the thread pool has no pending work, otherwise after that work. Requests that are just being
    /// read can then join the batch, and no request waits for others to arrive.
    /// </summary>
    public void Start()
    {
        if (ThreadPool.PendingWorkItemCount == 0)
        {
            Execute();
        }
        else
        {
            StartInTurn();
        }
    }

    /// <summary>Runs after the pending work of the thread pool.</summary>
    public void StartInTurn() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Computes one batch, then yields to other work before the next.</summary>
    public void Execute()
    {
        int images = queue.Take(_taken, out InferenceWorker? helper);
        helper?.StartInTurn();
        Compute();
        if (queue.Finish(this, images))
        {
            StartInTurn();
        }
    }

    public void Dispose() => batch.Dispose();

    private void Compute()
    {
        long startedAt = Stopwatch.GetTimestamp();
        foreach (InferenceSlice slice in _taken)
        {
            (slice.Request.Begin(startedAt) ? _live : _dropped).Add(slice);
        }

        _taken.Clear();
        Finish(_dropped, startedAt);
        RunLive(startedAt);
        Finish(_live, Stopwatch.GetTimestamp());
    }

    /// <summary>
    /// Passes an exception to the waiting requests, so that the worker continues with the next batch.
    /// </summary>
    private void RunLive(long startedAt)
    {
        try
        {
            if (_live.Count > 0)
            {
                Run(startedAt);
            }
        }
        catch (Exception e)
        {
            foreach (InferenceSlice slice in _live)
            {
                slice.Request.Fail(e);
            }
        }
    }

    /// <summary>Packs the images of all slices into the batch, runs it and distributes the results.</summary>
    private void Run(long startedAt)
    {
        int packed = 0;
        foreach (InferenceSlice slice in _live)
        {
            for (int n = 0; n < slice.Count; n++)
            {
                slice.Request.Rows(slice.First + n).CopyTo(batch.Rows(packed++));
            }
        }

        long packedAt = Stopwatch.GetTimestamp();
        batch.Run(packed);
        long computedAt = Stopwatch.GetTimestamp();
        ServiceMetrics.Computed(packed, Stopwatch.GetElapsedTime(packedAt, computedAt));
        int i = 0;
        foreach (InferenceSlice slice in _live)
        {
            for (int n = 0; n < slice.Count; n++, i++)
            {
                slice.Request.SetOutputs(slice.First + n, batch.Probabilities(i), batch.Logits(i));
            }
        }

        var times = new InferenceStatistics.ComputeTimes(
            packedAt - startedAt, computedAt - packedAt, Stopwatch.GetTimestamp() - computedAt);
        queue.Statistics.CountBatch(packed, times, _live);
    }

    /// <summary>Completes the requests whose last slices these are.</summary>
    private void Finish(List<InferenceSlice> slices, long now)
    {
        foreach (InferenceSlice slice in slices)
        {
            if (slice.Request.Finish(slice.Count))
            {
                _finished.Add(slice.Request);
            }
        }

        slices.Clear();

        // Counted before the requests complete, so that a client with an answer finds it counted.
        queue.Statistics.CountRequests(_finished, now);
        foreach (InferenceRequest request in _finished)
        {
            if (request.IsComputed)
            {
                ServiceMetrics.Waited(request.Waited);
            }
            else if (request.DropReason is { } reason)
            {
                ServiceMetrics.Dropped(request.Count, reason == InferenceOutcome.Expired ? "deadline" : "client_left");
            }

            request.Complete(now);
        }

        _finished.Clear();
    }
}
