using System.Diagnostics;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Batching;

/// <summary>Computes one batch after another in memory of its own. Runs on the thread pool, or on the caller's thread.</summary>
internal sealed class InferenceWorker(InferenceQueue queue, ClassifierBatch batch) : IThreadPoolWorkItem, IDisposable
{
    private readonly List<InferenceRequest> _taken = new(batch.Capacity);
    private readonly List<InferenceRequest> _live = new(batch.Capacity);

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
        foreach (InferenceRequest request in _live)
        {
            if (error is null)
            {
                request.Complete(InferenceOutcome.Computed, startedAt, finishedAt);
            }
            else
            {
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
        int packed = 0;
        (int Request, int Image) first = (0, 0);
        for (int r = 0; r < _live.Count; r++)
        {
            for (int n = 0; n < _live[r].Count; n++)
            {
                _live[r].Rows(n).CopyTo(batch.Rows(packed++));
                if (packed == batch.Capacity)
                {
                    Run(packed, first);
                    packed = 0;
                    first = (r, n + 1);
                }
            }
        }

        if (packed > 0)
        {
            Run(packed, first);
        }
    }

    /// <summary>Runs the packed images and hands out the results, from image <c>first</c> on.</summary>
    private void Run(int packed, (int Request, int Image) first)
    {
        batch.Run(packed);
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
    }
}
