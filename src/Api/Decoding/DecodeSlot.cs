namespace MnistLstm.Api.Decoding;

/// <summary>A turn to read pictures, which ends with its disposal.</summary>
/// <param name="turns">Where the turn came from; null where none was free in time.</param>
/// <param name="threads">Where the pictures are to be read; null where the caller's thread will do.</param>
/// <param name="stop">Canceled at the deadline and when the client hangs up; null where the work is short.</param>
public readonly struct DecodeSlot(
    SemaphoreSlim? turns, DedicatedThreadPool? threads, CancellationTokenSource? stop) : IDisposable
{
    public bool IsAcquired => turns is not null;

    /// <summary>Whether the work is not worth going on with.</summary>
    public CancellationToken Stop => stop?.Token ?? CancellationToken.None;

    /// <summary>To be awaited before the pictures are read: what takes long goes on in a thread that is not the pool's.</summary>
    public DedicatedThreadPool.Switch SwitchToDedicatedThread() => new(threads);

    public void Dispose()
    {
        stop?.Dispose();
        turns?.Release();
    }
}
