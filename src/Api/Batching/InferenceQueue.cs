using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Batching;

/// <summary>
/// The images that wait for one model, and the workers that compute them. A worker that is free takes whatever
/// waits, up to a maximum, and computes it as one batch: batches form only because workers are busy, so a lone
/// request never waits for company and there is no timer.
/// </summary>
public sealed class InferenceQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<InferenceRequest> _waiting = new();
    private readonly Stack<InferenceWorker> _idle = new();
    private readonly InferenceWorker[] _workers;
    private readonly int _maxWaitingImages;
    private readonly int _maxBatch;
    private int _waitingImages;
    private int _runningImages;
    private bool _disposed;

    /// <param name="classifier">Computes the batches; not owned.</param>
    /// <param name="workers">Batches at the same time.</param>
    /// <param name="maxBatch">N at most, in images.</param>
    /// <param name="maxWaitingImages">More than these are refused.</param>
    public InferenceQueue(DigitClassifier classifier, int workers, int maxBatch, int maxWaitingImages)
    {
        _maxBatch = maxBatch;
        _maxWaitingImages = maxWaitingImages;
        Statistics = new InferenceStatistics(maxBatch);
        _workers = [.. Enumerable.Range(0, workers).Select(_ => new InferenceWorker(this, classifier.CreateBatch(maxBatch)))];
        foreach (InferenceWorker worker in _workers)
        {
            _idle.Push(worker);
        }
    }

    public InferenceStatistics Statistics { get; }

    /// <summary>Images that wait for a worker.</summary>
    public int WaitingImages => Volatile.Read(ref _waitingImages);

    /// <summary>Images that a worker has taken and not answered yet.</summary>
    public int RunningImages => Volatile.Read(ref _runningImages);

    /// <summary>Whether so many images would be refused now, so that no work need be done for them; counted if so.</summary>
    public bool Refuses(int images)
    {
        if (!IsFullFor(images))
        {
            return false;
        }

        Statistics.CountFailure(ticks: 0);
        return true;
    }

    /// <summary>Waits for the request's turn and computes it.</summary>
    /// <param name="request">Its rows are filled. More images than a batch holds are computed in pieces.</param>
    /// <param name="deadline">As <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> counts.</param>
    /// <param name="clientLeft">Cancelled when nobody waits for the answer any more.</param>
    public ValueTask<InferenceOutcome> ClassifyAsync(
        InferenceRequest request, long deadline, CancellationToken clientLeft)
    {
        ValueTask<InferenceOutcome> outcome = request.Start(deadline, clientLeft);
        InferenceWorker? worker;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);

            if (Refuses(request.Count))
            {
                return ValueTask.FromResult(InferenceOutcome.QueueFull);
            }

            _waiting.Enqueue(request);
            _waitingImages += request.Count;
            _idle.TryPop(out worker);
        }

        worker?.Start();
        return outcome;
    }

    /// <summary>Gives back the workers' memory. Nothing may be waiting or running any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        foreach (InferenceWorker worker in _workers)
        {
            worker.Dispose();
        }
    }

    /// <summary>An empty queue takes a request of any size, or one larger than the queue could never be served.</summary>
    private bool IsFullFor(int images) => WaitingImages is > 0 and int waiting && waiting + images > _maxWaitingImages;

    /// <summary>Hands a worker what waits: at least one request, and no more images than a batch holds if it can be.</summary>
    internal void Take(List<InferenceRequest> taken)
    {
        lock (_gate)
        {
            int images = 0;
            while (_waiting.TryPeek(out InferenceRequest? next) && (images == 0 || images + next.Count <= _maxBatch))
            {
                images += next.Count;
                taken.Add(_waiting.Dequeue());
            }

            _waitingImages -= images;
            _runningImages += images;
        }
    }

    /// <summary>A worker has answered what it took.</summary>
    /// <returns>True if more waits, so that the worker is to go on; false if it is idle from now on.</returns>
    internal bool Finish(InferenceWorker worker, int images)
    {
        lock (_gate)
        {
            _runningImages -= images;
            if (_waiting.Count > 0)
            {
                return true;
            }

            _idle.Push(worker);
            return false;
        }
    }
}
