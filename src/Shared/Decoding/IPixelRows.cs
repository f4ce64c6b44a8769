using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding;

/// <summary>Receives the rows of a picture as a decoder delivers them, top to bottom.</summary>
internal interface IPixelRows : IDisposable
{
    /// <param name="row">[W] bytes.</param>
    public void AddGray(ReadOnlySpan<byte> row);

    /// <param name="rgba">[W, 4] bytes, colors not multiplied by alpha.</param>
    public void AddRgba(ReadOnlySpan<byte> rgba);

    /// <summary>The picture after the last row; the caller disposes of it.</summary>
    public GrayImage ToImage();
}
