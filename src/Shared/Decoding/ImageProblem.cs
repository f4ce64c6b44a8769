namespace MnistLstm.Shared.Decoding;

/// <summary>Why bytes did not become a picture.</summary>
public enum ImageProblem
{
    None,

    /// <summary>The bytes are none of the formats that are read (PNG, JPEG, WebP, GIF, BMP).</summary>
    UnknownFormat,

    /// <summary>The header is of a known format, but the picture is damaged, cut off or empty.</summary>
    Damaged,

    /// <summary>The header announces more pixels than <see cref="ImageLimits"/> allows.</summary>
    TooManyPixels,

    /// <summary>The file has more segments beside its pixels than <see cref="ImageHeader.MaxSegments"/>.</summary>
    TooManySegments,

    /// <summary>The JPEG file has more scans than <see cref="ImageHeader.MaxScans"/>.</summary>
    TooManyScans,
}
