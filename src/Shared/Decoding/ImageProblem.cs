namespace MnistLstm.Shared.Decoding;

/// <summary>Why a file cannot be decoded.</summary>
public enum ImageProblem
{
    None,

    /// <summary>The file has none of the supported formats (PNG, JPEG, WebP, GIF, BMP).</summary>
    UnknownFormat,

    /// <summary>The format is supported, but the picture is damaged, cut off or empty.</summary>
    Damaged,

    /// <summary>The header announces more pixels than <see cref="ImageLimits"/> allows.</summary>
    TooManyPixels,

    /// <summary>The file has more metadata segments than <see cref="ImageHeader.MaxSegments"/>.</summary>
    TooManySegments,

    /// <summary>The JPEG file has more scans than <see cref="ImageHeader.MaxScans"/>.</summary>
    TooManyScans,
}
