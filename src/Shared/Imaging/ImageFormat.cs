namespace MnistLstm.Shared.Imaging;

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
