using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Batching;

/// <summary>
/// The images that wait for one model, and the workers that compute them. A free worker takes everything that waits, up
/// to a maximum, as one batch. Batches form only while workers are busy, so a lone request starts at once and there is
/// no timer. Requests larger than a batch are computed in slices by all free workers, alternating with small requests.
/// </summary>
public sealed class InferenceQueue : IDisposable
{
    private readonly Lock _gate = new();

    /// <summary>Requests that fit into one batch.</summary>
    private readonly Queue<InferenceRequest> _small = new();

    /// <summary>
    /// Requests larger than a batch. One for each worker may be in progress; workers take slices of the first.
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
    /// <param name="workers">Number of concurrent batches.</param>
    /// <param name="maxBatch">N at most, in images.</param>
    /// <param name="maxWaitingImages">Limit on waiting images, for large and for small requests separately; more are
    /// rejected.</param>
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

    /// <summary>Images of requests that are not yet in progress.</summary>
    public int WaitingImages => Volatile.Read(ref _smallImages) + Volatile.Read(ref _largeImages);

    /// <summary>Images in progress that are not computed yet.</summary>
    public int RunningImages => Volatile.Read(ref _runningImages);

    /// <summary>
    /// Whether this many images would be rejected now, so that the caller can skip work on them. Counts the rejection.
    /// </summary>
    public bool TryReject(int images)
    {
        if (!IsFullFor(images))
        {
            return false;
        }

        Statistics.CountFailure();
        return true;
    }

    /// <summary>Enqueues the request and completes when it is computed or dropped.</summary>
    /// <param name="request">The request, with its rows filled.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when the client hangs up.</param>
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

    /// <summary>Frees the workers' memory. No request may be waiting or running.</summary>
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

    /// <summary>Hands waiting images to a worker: at most one batch, and none if other workers were faster.</summary>
    /// <param name="taken">Receives the slices.</param>
    /// <param name="helper">An idle worker to start because more of the same request waits; or null.</param>
    /// <returns>The number of images taken.</returns>
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

    /// <summary>Called by a worker that is done with its batch.</summary>
    /// <returns>True if more images wait and the worker should continue; false if it is now idle.</returns>
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
    /// Large and small requests alternate, so only requests of the same kind count. If none wait, a request of any size
    /// is accepted; otherwise one larger than the queue could never be served.
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

    /// <summary>Moves a large request from waiting to in progress.</summary>
    private void Begin(InferenceRequest large)
    {
        _largeImages -= large.Count;
        _runningImages += large.Count;
    }
}
