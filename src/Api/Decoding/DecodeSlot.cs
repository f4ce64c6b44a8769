namespace MnistLstm.Api.Decoding;

/// <summary>A slot for reading pictures, released on disposal.</summary>
/// <param name="slots">The semaphore that the slot belongs to; null if none was free in time.</param>
/// <param name="threads">The threads that read the pictures; null to read them on the caller's thread.</param>
/// <param name="stop">Canceled at the deadline and when the client hangs up; null for cheap work.</param>
public readonly struct DecodeSlot(
    SemaphoreSlim? slots, DedicatedThreadPool? threads, CancellationTokenSource? stop) : IDisposable, IAsyncDisposable
{
    public bool IsAcquired => slots is not null;

    /// <summary>Canceled when the work is no longer worth doing.</summary>
    public CancellationToken Stop => stop?.Token ?? CancellationToken.None;

    /// <summary>Await this before the pictures are read: expensive work continues on a dedicated thread.</summary>
    public DedicatedThreadPool.Switch SwitchToDedicatedThread() => new(threads);

    public void Dispose()
    {
        stop?.Dispose();
        slots?.Release();
    }

    /// <summary>Also returns to the thread pool from a dedicated thread.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (threads is not null)
        {
            await Task.Yield();
        }
    }
}
