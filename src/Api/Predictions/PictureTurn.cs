namespace MnistLstm.Api.Predictions;

/// <summary>A turn to read pictures, which ends with its disposal.</summary>
/// <param name="turns">Where the turn came from; null where none was free in time.</param>
/// <param name="threads">Where the pictures are to be read; null where the caller's thread will do.</param>
public readonly struct PictureTurn(SemaphoreSlim? turns, OwnThreads? threads) : IDisposable
{
    public bool IsGiven => turns is not null;

    /// <summary>To be awaited before the pictures are read: what takes long goes on in a thread that is not the pool's.</summary>
    public OwnThreads.Switch GoToThread() => new(threads);

    public void Dispose() => turns?.Release();
}
