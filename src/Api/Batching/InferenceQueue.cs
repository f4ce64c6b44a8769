using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Batching;

/// <summary>
/// The images that wait for one model, and the workers that compute them. A worker that is free takes whatever
/// waits, up to a maximum, and computes it as one batch: batches form only because workers are busy, so a lone
/// request never waits for company and there is no timer. Requests with more images than a batch holds are computed
/// in slices, by all free workers, alternating with small requests.
/// </summary>
public sealed class InferenceQueue : IDisposable
{
    private readonly Lock _gate = new();

    /// <summary>Fit into a batch, and are computed in one.</summary>
    private readonly Queue<InferenceRequest> _small = new();

    /// <summary>
    /// Have more images than a batch; as many as there are workers are under way, and slices are taken of the first.
    /// </summary>
    private readonly Queue<InferenceRequest> _large = new();
    private readonly Stack<InferenceWorker> _idle = new();
    private readonly InferenceWorker[] _workers;
    private readonly int _maxWaitingImages;
    private readonly int _maxBatch;
    private int _smallImages;
    private int _largeImages;
    private int _runningImages;
    private bool _isLargeNext;
    private bool _disposed;

    /// <param name="classifier">Computes the batches; not owned.</param>
    /// <param name="workers">Batches at the same time.</param>
    /// <param name="maxBatch">N at most, in images.</param>
    /// <param name="maxWaitingImages">More than these are refused; of large requests and of others, each.</param>
    public InferenceQueue(DigitClassifier classifier, int workers, int maxBatch, int maxWaitingImages)
    {
        _maxBatch = maxBatch;
        _maxWaitingImages = maxWaitingImages;
        Statistics = new InferenceStatistics(maxBatch);
        _workers =
            [.. Enumerable.Range(0, workers).Select(_ => new InferenceWorker(this, classifier.CreateBatch(maxBatch)))];
        foreach (InferenceWorker worker in _workers)
        {
            _idle.Push(worker);
        }
    }

    public InferenceStatistics Statistics { get; }

    /// <summary>Images of requests that are not under way.</summary>
    public int WaitingImages => Volatile.Read(ref _smallImages) + Volatile.Read(ref _largeImages);

    /// <summary>Images of requests that are under way, as long as they are not computed.</summary>
    public int RunningImages => Volatile.Read(ref _runningImages);

    /// <summary>
    /// Whether this many images would be rejected now; counts the rejection, so that no work need be done for them.
    /// </summary>
    public bool TryReject(int images)
    {
        if (!IsFullFor(images))
        {
            return false;
        }

        Statistics.CountFailure(ticks: 0);
        return true;
    }

    /// <summary>Waits for the request's turn and computes it.</summary>
    /// <param name="request">Its rows are filled.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when nobody waits for the answer any more.</param>
    public ValueTask<InferenceOutcome> ClassifyAsync(
        InferenceRequest request, long deadline, CancellationToken clientLeft)
    {
        ValueTask<InferenceOutcome> outcome = request.Start(deadline, clientLeft);
        InferenceWorker? worker;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);

            if (TryReject(request.Count))
            {
                return ValueTask.FromResult(InferenceOutcome.QueueFull);
            }

            if (IsLarge(request.Count))
            {
                _large.Enqueue(request);
                _largeImages += request.Count;
                if (_large.Count <= _workers.Length)
                {
                    Begin(request);
                }
            }
            else
            {
                _small.Enqueue(request);
                _smallImages += request.Count;
            }

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

    /// <summary>Hands a worker what waits: no more images than a batch holds, and none if others were faster.</summary>
    /// <param name="taken">Receives them.</param>
    /// <param name="helper">An idle worker that is to start, for more of the same request waits; or null.</param>
    /// <returns>Images, in all.</returns>
    internal int Take(List<InferenceSlice> taken, out InferenceWorker? helper)
    {
        lock (_gate)
        {
            bool large = _large.Count > 0 && (_small.Count == 0 || _isLargeNext);
            _isLargeNext = !large;
            int images = large ? TakeLarge(taken) : TakeSmall(taken);
            helper = null;
            if (_large.Count > 0)
            {
                _idle.TryPop(out helper);
            }

            return images;
        }
    }

    /// <summary>A worker is done with what it took.</summary>
    /// <returns>True if more waits, so that the worker is to go on; false if it is idle from now on.</returns>
    internal bool Finish(InferenceWorker worker, int images)
    {
        lock (_gate)
        {
            _runningImages -= images;
            if (_small.Count + _large.Count > 0)
            {
                return true;
            }

            _idle.Push(worker);
            return false;
        }
    }

    private bool IsLarge(int images) => images > _maxBatch;

    /// <summary>
    /// Large and small requests alternate, so only those of its kind are in a request's way. Where none are, one of any
    /// size is taken, or one larger than the queue could never be served.
    /// </summary>
    private bool IsFullFor(int images) =>
        Volatile.Read(ref IsLarge(images) ? ref _largeImages : ref _smallImages) is > 0 and int waiting
        && waiting + images > _maxWaitingImages;

    private int TakeSmall(List<InferenceSlice> taken)
    {
        int images = 0;
        while (_small.TryPeek(out InferenceRequest? next) && images + next.Count <= _maxBatch)
        {
            images += next.Count;
            taken.Add(new InferenceSlice(_small.Dequeue(), First: 0, next.Count));
        }

        _smallImages -= images;
        _runningImages += images;
        return images;
    }

    private int TakeLarge(List<InferenceSlice> taken)
    {
        InferenceRequest request = _large.Peek();
        int images = Math.Min(request.Count - request.Taken, _maxBatch);
        taken.Add(new InferenceSlice(request, request.Taken, images));
        request.Taken += images;
        if (request.Taken == request.Count)
        {
            _large.Dequeue();
            if (_large.Count >= _workers.Length)
            {
                Begin(_large.ElementAt(_workers.Length - 1));
            }
        }

        return images;
    }

    /// <summary>A large request does not wait any more.</summary>
    private void Begin(InferenceRequest large)
    {
        _largeImages -= large.Count;
        _runningImages += large.Count;
    }
}
