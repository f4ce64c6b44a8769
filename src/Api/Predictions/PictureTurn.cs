namespace MnistLstm.Api.Predictions;

/// <summary>A turn to read pictures, which ends with its disposal.</summary>
/// <param name="turns">Where the turn came from; null where none was free in time.</param>
public readonly struct PictureTurn(SemaphoreSlim? turns) : IDisposable
{
    public bool IsGiven => turns is not null;

    public void Dispose() => turns?.Release();
}
