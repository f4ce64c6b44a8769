using System.Diagnostics;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Batching;

/// <summary>Computes one batch after another in memory of its own. Runs on the thread pool, or on the caller's thread.</summary>
internal sealed class InferenceWorker(InferenceQueue queue, ClassifierBatch batch) : IThreadPoolWorkItem, IDisposable
{
    private readonly List<InferenceRequest> _taken = new(batch.Capacity);
    private readonly List<InferenceRequest> _live = new(batch.Capacity);
    private InferenceStatistics.ComputeTimes _times;

    /// <summary>
    /// Runs at once where the machine has nothing else to do, and otherwise after the work that is ready already:
    /// requests that are being read join the batch in the meantime, and nobody waits for anything to arrive.
    /// </summary>
    public void Start()
    {
        if (ThreadPool.PendingWorkItemCount == 0)
        {
            Execute();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>One batch; then it is others' turn before the next.</summary>
    public void Execute()
    {
        queue.Take(_taken);
        int images = 0;
        foreach (InferenceRequest request in _taken)
        {
            images += request.Count;
        }

        Compute();
        if (queue.Finish(this, images))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    public void Dispose() => batch.Dispose();

    private void Compute()
    {
        long startedAt = Stopwatch.GetTimestamp();
        foreach (InferenceRequest request in _taken)
        {
            if (request.ReasonToDrop(startedAt) is { } outcome)
            {
                queue.Statistics.CountFailure(startedAt - request.EnqueuedAt);
                ServiceMetrics.Dropped(request.Count, outcome == InferenceOutcome.Expired ? "deadline" : "client_left");
                request.Complete(outcome, startedAt, startedAt);
            }
            else
            {
                _live.Add(request);
            }
        }

        _taken.Clear();
        Exception? error = RunLive();
        long finishedAt = Stopwatch.GetTimestamp();
        if (error is null)
        {
            // Before anybody is told, so that who has an answer finds it counted.
            queue.Statistics.CountRequests(_live, _times, startedAt, finishedAt);
        }

        foreach (InferenceRequest request in _live)
        {
            if (error is null)
            {
                ServiceMetrics.Waited(Stopwatch.GetElapsedTime(request.EnqueuedAt, startedAt));
                request.Complete(InferenceOutcome.Computed, startedAt, finishedAt);
            }
            else
            {
                queue.Statistics.CountFailure(finishedAt - request.EnqueuedAt);
                request.Fail(error);
            }
        }

        _live.Clear();
    }

    /// <summary>The error is for those who wait; the worker goes on with the next batch.</summary>
    private Exception? RunLive()
    {
        try
        {
            Pack();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Packs the images of all requests one after another and runs whenever the batch is full.</summary>
    private void Pack()
    {
        _times = default;
        int packed = 0;
        long begunAt = Stopwatch.GetTimestamp();
        (int Request, int Image) first = (0, 0);
        for (int r = 0; r < _live.Count; r++)
        {
            for (int n = 0; n < _live[r].Count; n++)
            {
                _live[r].Rows(n).CopyTo(batch.Rows(packed++));
                if (packed == batch.Capacity)
                {
                    begunAt = Run(packed, first, begunAt);
                    packed = 0;
                    first = (r, n + 1);
                }
            }
        }

        if (packed > 0)
        {
            Run(packed, first, begunAt);
        }
    }

    /// <summary>Runs the packed images and hands out the results, from image <c>first</c> on.</summary>
    /// <param name="packed">N, in images.</param>
    /// <param name="first">Whose result the first one is.</param>
    /// <param name="begunAt">When packing began.</param>
    /// <returns>When the last result was handed out.</returns>
    private long Run(int packed, (int Request, int Image) first, long begunAt)
    {
        long packedAt = Stopwatch.GetTimestamp();
        batch.Run(packed);
        long computedAt = Stopwatch.GetTimestamp();
        ServiceMetrics.Computed(packed, Stopwatch.GetElapsedTime(packedAt, computedAt));
        (int r, int n) = first;
        for (int i = 0; i < packed; i++)
        {
            while (n == _live[r].Count)
            {
                r++;
                n = 0;
            }

            _live[r].SetOutputs(n, batch.Probabilities(i), batch.Logits(i));
            n++;
        }

        long finishedAt = Stopwatch.GetTimestamp();
        var times = new InferenceStatistics.ComputeTimes(packedAt - begunAt, computedAt - packedAt, finishedAt - computedAt);
        queue.Statistics.CountBatch(packed, times);
        _times += times;
        return finishedAt;
    }
}
