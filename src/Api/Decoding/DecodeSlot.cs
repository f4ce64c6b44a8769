namespace MnistLstm.Api.Decoding;

/// <summary>A slot for reading pictures, released by its disposal.</summary>
/// <param name="turns">The semaphore that the slot belongs to; null if none was free in time.</param>
/// <param name="threads">The threads that read the pictures; null if the caller's thread does.</param>
/// <param name="stop">Canceled at the deadline and when the client hangs up; null where the work is short.</param>
public readonly struct DecodeSlot(
    SemaphoreSlim? turns, DedicatedThreadPool? threads, CancellationTokenSource? stop) : IDisposable
{
    public bool IsAcquired => turns is not null;

    /// <summary>Canceled when the work is no longer worth doing.</summary>
    public CancellationToken Stop => stop?.Token ?? CancellationToken.None;

    /// <summary>Await this before the pictures are read: expensive work continues on a dedicated thread.</summary>
    public DedicatedThreadPool.Switch SwitchToDedicatedThread() => new(threads);

    public void Dispose()
    {
        stop?.Dispose();
        turns?.Release();
    }
}
