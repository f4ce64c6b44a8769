namespace MnistLstm.Shared.Decoding;

/// <summary>The supported picture formats.</summary>
public enum ImageFormat
{
    Unknown,
    Png,
    Jpeg,
    WebP,
    Gif,
    Bmp,
}
