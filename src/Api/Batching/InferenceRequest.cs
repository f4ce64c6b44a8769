using System.Buffers;
using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;

namespace MnistLstm.Api.Batching;

/// <summary>
/// N images on their way through an <see cref="InferenceQueue"/>, and their results. Rented, filled, classified, read
/// and returned; the next request reuses its memory.
/// </summary>
public sealed class InferenceRequest : IValueTaskSource<InferenceOutcome>, IDisposable
{
    /// <summary>Idle requests that are kept, about 3 kB each.</summary>
    private const int MaxPooled = 1024;

    private static readonly DefaultObjectPool<InferenceRequest> Pool = new(new Policy(), MaxPooled);

    private readonly float[] _singleRows = new float[RowSequence.Length];
    private readonly float[] _singleOutputs = new float[2 * ModelContract.Classes];
    private readonly DigitCandidate?[] _singleCandidate = new DigitCandidate?[1];
    private float[] _rows;
    private float[] _outputs;
    private DigitCandidate?[] _candidates;
    private ManualResetValueTaskSourceCore<InferenceOutcome> _completion =
        new() { RunContinuationsAsynchronously = true };
    private CancellationToken _clientLeft;
    private long _deadline;
    private long _startedAt;
    private long _finishedAt;
    private int _unfinished;
    private int _outcome;
    private Exception? _error;

    private InferenceRequest()
    {
        _rows = _singleRows;
        _outputs = _singleOutputs;
        _candidates = _singleCandidate;
    }

    /// <summary>N.</summary>
    public int Count { get; private set; }

    /// <summary>Time from enqueuing to a worker's start on the first images.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(EnqueuedAt, _startedAt);

    /// <summary>Duration of the batches that contained these images.</summary>
    public TimeSpan Computed => Stopwatch.GetElapsedTime(_startedAt, _finishedAt);

    /// <summary>A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    internal long EnqueuedAt { get; private set; }

    /// <summary>Time at which a worker started on the first images.</summary>
    internal long StartedAt => _startedAt;

    /// <summary>Images that workers have taken; guarded by the queue's lock.</summary>
    internal int Taken { get; set; }

    /// <summary>The times of all batches that contained these images; guarded by the statistics' lock.</summary>
    internal InferenceStatistics.ComputeTimes Times { get; set; }

    /// <summary>Whether the request has neither been dropped nor failed.</summary>
    internal bool IsComputed => DropReason is null && _error is null;

    /// <summary>The reason for dropping the request; null if it is not dropped.</summary>
    internal InferenceOutcome? DropReason =>
        (InferenceOutcome)Volatile.Read(ref _outcome) is var outcome and not InferenceOutcome.Computed ? outcome : null;

    /// <summary>A request for <paramref name="count"/> images. Dispose it after reading its outputs.</summary>
    public static InferenceRequest Rent(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        InferenceRequest request = Pool.Get();
        request.Count = count;
        if (count > 1)
        {
            request._rows = ArrayPool<float>.Shared.Rent(count * RowSequence.Length);
            request._outputs = ArrayPool<float>.Shared.Rent(count * 2 * ModelContract.Classes);
            request._candidates = ArrayPool<DigitCandidate?>.Shared.Rent(count);
            request._candidates.AsSpan(0, count).Clear();
        }

        return request;
    }

    /// <summary>The buffer for image <paramref name="n"/>: [T = 28, I = 28] intensities.</summary>
    public Span<float> Rows(int n) => _rows.AsSpan(n * RowSequence.Length, RowSequence.Length);

    /// <summary>The buffer for all images: [N, T, I].</summary>
    public Span<float> AllRows => _rows.AsSpan(0, Count * RowSequence.Length);

    /// <summary>Stores a candidate as image <paramref name="n"/>.</summary>
    public void Set(int n, DigitCandidate candidate)
    {
        RowSequence.FromPixels(candidate.Pixels, Rows(n));
        _candidates[n] = candidate;
    }

    /// <summary>The candidate stored as image <paramref name="n"/>; null if rows were written instead.</summary>
    public DigitCandidate? Candidate(int n) => _candidates[n];

    /// <summary>[C = 10] of image <paramref name="n"/>, once computed.</summary>
    public ReadOnlySpan<float> Probabilities(int n) => Output(2 * n);

    /// <summary>[C = 10] of image <paramref name="n"/>, before temperature and softmax, once computed.</summary>
    public ReadOnlySpan<float> Logits(int n) => Output((2 * n) + 1);

    /// <summary>Evidence of the computed candidate <paramref name="n"/>, in nats, for comparison with others.</summary>
    public float Score(int n) => DigitReader.Score(_candidates[n]!, Logits(n));

    /// <summary>Replaces the computed image <paramref name="n"/> with a computed image of another request.</summary>
    public void Replace(int n, InferenceRequest other, int otherN)
    {
        SetOutputs(n, other.Probabilities(otherN), other.Logits(otherN));
        _candidates[n] = other._candidates[otherN];
    }

    /// <summary>Returns the memory. Call it only after the outcome is known.</summary>
    public void Dispose()
    {
        if (_rows != _singleRows)
        {
            ArrayPool<float>.Shared.Return(_rows);
            ArrayPool<float>.Shared.Return(_outputs);
            ArrayPool<DigitCandidate?>.Shared.Return(_candidates, clearArray: true);
            _rows = _singleRows;
            _outputs = _singleOutputs;
            _candidates = _singleCandidate;
        }

        _singleCandidate[0] = null;
        _clientLeft = default;
        Pool.Return(this);
    }

    InferenceOutcome IValueTaskSource<InferenceOutcome>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<InferenceOutcome>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<InferenceOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    /// <summary>Starts the wait for the outcome.</summary>
    /// <param name="deadline">A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when the client hangs up.</param>
    internal ValueTask<InferenceOutcome> Start(long deadline, CancellationToken clientLeft)
    {
        _completion.Reset();
        _deadline = deadline;
        _clientLeft = clientLeft;
        _startedAt = 0;
        _unfinished = Count;
        _outcome = (int)InferenceOutcome.Computed;
        _error = null;
        Taken = 0;
        Times = default;
        EnqueuedAt = Stopwatch.GetTimestamp();
        return new ValueTask<InferenceOutcome>(this, _completion.Version);
    }

    /// <summary>Called by a worker that is about to compute some of the images.</summary>
    /// <returns>False if they need not be computed.</returns>
    internal bool Begin(long now)
    {
        Interlocked.CompareExchange(ref _startedAt, now, comparand: 0);
        if (_clientLeft.IsCancellationRequested)
        {
            Drop(InferenceOutcome.Abandoned);
        }
        else if (now > _deadline)
        {
            Drop(InferenceOutcome.Expired);
        }

        return IsComputed;
    }

    internal void SetOutputs(int n, ReadOnlySpan<float> probabilities, ReadOnlySpan<float> logits)
    {
        probabilities.CopyTo(Output(2 * n));
        logits.CopyTo(Output((2 * n) + 1));
    }

    internal void Fail(Exception error) => Volatile.Write(ref _error, error);

    /// <summary>Called by a worker that has computed or dropped some of the images.</summary>
    /// <returns>True if they were the last, so that the worker should complete the request.</returns>
    internal bool Finish(int images) => Interlocked.Add(ref _unfinished, -images) == 0;

    /// <summary>Ends the wait.</summary>
    internal void Complete(long finishedAt)
    {
        _finishedAt = finishedAt;
        if (_error is null)
        {
            _completion.SetResult((InferenceOutcome)_outcome);
        }
        else
        {
            _completion.SetException(_error);
        }
    }

    /// <summary>Keeps the first reason.</summary>
    private void Drop(InferenceOutcome reason) =>
        Interlocked.CompareExchange(ref _outcome, (int)reason, comparand: (int)InferenceOutcome.Computed);

    private Span<float> Output(int index) => _outputs.AsSpan(index * ModelContract.Classes, ModelContract.Classes);

    private sealed class Policy : PooledObjectPolicy<InferenceRequest>
    {
        public override InferenceRequest Create() => new();

        public override bool Return(InferenceRequest obj) => true;
    }
}
