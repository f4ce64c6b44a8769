namespace MnistLstm.Shared.Decoding;

/// <summary>Receives the rows of a picture as a codec delivers them, top to bottom.</summary>
internal interface IPixelRows : IDisposable
{
    /// <param name="row">[W] bytes.</param>
    public void AddGray(ReadOnlySpan<byte> row);

    /// <param name="bgra">[W, 4] bytes, colors premultiplied by alpha.</param>
    public void AddBgra(ReadOnlySpan<byte> bgra);
}
