namespace MnistLstm.Shared.Decoding;

/// <summary>The formats that are read.</summary>
public enum ImageFormat
{
    Unknown,
    Png,
    Jpeg,
    WebP,
    Gif,
    Bmp,
}
