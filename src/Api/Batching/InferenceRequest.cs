using System.Buffers;
using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Batching;

/// <summary>
/// N images on their way through an <see cref="InferenceQueue"/>, and what came out. Rented, filled, classified,
/// read and given back; its memory is used again by the next one.
/// </summary>
public sealed class InferenceRequest : IValueTaskSource<InferenceOutcome>, IDisposable
{
    /// <summary>Idle ones that are kept, about 3 kB each.</summary>
    private const int MaxPooled = 1024;

    private static readonly DefaultObjectPool<InferenceRequest> Pool = new(new Policy(), MaxPooled);

    private readonly float[] _singleRows = new float[RowSequence.Length];
    private readonly float[] _singleOutputs = new float[2 * ModelContract.Classes];
    private readonly bool[] _singleIsAlone = [true];
    private float[] _rows;
    private float[] _outputs;
    private bool[] _isAlone;
    private ManualResetValueTaskSourceCore<InferenceOutcome> _completion = new() { RunContinuationsAsynchronously = true };
    private CancellationToken _clientLeft;
    private long _deadline;
    private long _startedAt;
    private long _finishedAt;

    private InferenceRequest()
    {
        _rows = _singleRows;
        _outputs = _singleOutputs;
        _isAlone = _singleIsAlone;
    }

    /// <summary>N.</summary>
    public int Count { get; private set; }

    /// <summary>Time between being queued and a worker's start on the batch.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(EnqueuedAt, _startedAt);

    /// <summary>Time that the batch took which these images were part of.</summary>
    public TimeSpan Computed => Stopwatch.GetElapsedTime(_startedAt, _finishedAt);

    /// <summary>As <see cref="Stopwatch.GetTimestamp"/> counts.</summary>
    internal long EnqueuedAt { get; private set; }

    /// <summary>A request for <paramref name="count"/> images, to be disposed of when its outputs have been read.</summary>
    public static InferenceRequest Rent(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        InferenceRequest request = Pool.Get();
        request.Count = count;
        if (count > 1)
        {
            request._rows = ArrayPool<float>.Shared.Rent(count * RowSequence.Length);
            request._outputs = ArrayPool<float>.Shared.Rent(count * 2 * ModelContract.Classes);
            request._isAlone = ArrayPool<bool>.Shared.Rent(count);
        }

        request._isAlone.AsSpan(0, count).Fill(true);

        return request;
    }

    /// <summary>Leaves only the first <paramref name="count"/> images, at least one.</summary>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        Count = count;
    }

    /// <summary>Where to write image <paramref name="n"/>: [T = 28, I = 28] intensities.</summary>
    public Span<float> Rows(int n) => _rows.AsSpan(n * RowSequence.Length, RowSequence.Length);

    /// <summary>Whether image <paramref name="n"/> was the only figure in its picture; true unless something else was written.</summary>
    public ref bool IsAlone(int n) => ref _isAlone[n];

    /// <summary>[C = 10] of image <paramref name="n"/>, once computed.</summary>
    public ReadOnlySpan<float> Probabilities(int n) => Output(2 * n);

    /// <summary>[C = 10] of image <paramref name="n"/>, before temperature and softmax, once computed.</summary>
    public ReadOnlySpan<float> Logits(int n) => Output((2 * n) + 1);

    /// <summary>Gives the memory back. Not before the outcome is known.</summary>
    public void Dispose()
    {
        if (_rows != _singleRows)
        {
            ArrayPool<float>.Shared.Return(_rows);
            ArrayPool<float>.Shared.Return(_outputs);
            ArrayPool<bool>.Shared.Return(_isAlone);
            _rows = _singleRows;
            _outputs = _singleOutputs;
            _isAlone = _singleIsAlone;
        }

        _clientLeft = default;
        Pool.Return(this);
    }

    InferenceOutcome IValueTaskSource<InferenceOutcome>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<InferenceOutcome>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<InferenceOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    /// <summary>Begins the wait.</summary>
    /// <param name="deadline">As <see cref="Stopwatch.GetTimestamp"/> counts.</param>
    /// <param name="clientLeft">Cancelled when nobody waits for the answer any more.</param>
    internal ValueTask<InferenceOutcome> Start(long deadline, CancellationToken clientLeft)
    {
        _completion.Reset();
        _deadline = deadline;
        _clientLeft = clientLeft;
        EnqueuedAt = Stopwatch.GetTimestamp();
        return new ValueTask<InferenceOutcome>(this, _completion.Version);
    }

    /// <summary>Why it need not be computed any more, if so.</summary>
    internal InferenceOutcome? ReasonToDrop(long now) =>
        _clientLeft.IsCancellationRequested ? InferenceOutcome.Abandoned
        : now > _deadline ? InferenceOutcome.Expired
        : null;

    internal void SetOutputs(int n, ReadOnlySpan<float> probabilities, ReadOnlySpan<float> logits)
    {
        probabilities.CopyTo(Output(2 * n));
        logits.CopyTo(Output((2 * n) + 1));
    }

    internal void Complete(InferenceOutcome outcome, long startedAt, long finishedAt)
    {
        _startedAt = startedAt;
        _finishedAt = finishedAt;
        _completion.SetResult(outcome);
    }

    internal void Fail(Exception error) => _completion.SetException(error);

    private Span<float> Output(int index) => _outputs.AsSpan(index * ModelContract.Classes, ModelContract.Classes);

    private sealed class Policy : PooledObjectPolicy<InferenceRequest>
    {
        public override InferenceRequest Create() => new();

        public override bool Return(InferenceRequest obj) => true;
    }
}
