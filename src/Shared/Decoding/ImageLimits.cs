using System.Globalization;

namespace MnistLstm.Shared.Decoding;

/// <summary>Limits for decoding, checked against the picture's header.</summary>
/// <param name="MaxPixels">Maximum width times height. Decoding may take <see cref="BytesPerPixel"/> bytes for each
/// pixel.</param>
/// <param name="MaxSide">Maximum width or height in pixels.</param>
public readonly record struct ImageLimits(long MaxPixels, int MaxSide)
{
    /// <summary>
    /// A baseline JPEG is decoded in strips at an eighth of its size, so it may have this many times the pixels.
    /// </summary>
    public const int BaselineJpegFactor = 4;

    /// <summary>
    /// Memory per pixel of a GIF or BMP. A progressive JPEG takes more and a WebP twice as much, so their limits are
    /// lower: see <see cref="ImageHeader.DecodingBytes"/>.
    /// </summary>
    public const int BytesPerPixel = 4;

    /// <summary>
    /// The highest limit for <see cref="MaxPixels"/>: the picture library may allocate 256 MiB at once.
    /// </summary>
    public const int MostPixels = 64 * 1024 * 1024;

    /// <summary>Phones' largest photos: 8192 x 6144, and as a baseline JPEG 16384 x 12288.</summary>
    public static ImageLimits Default { get; } = new(MaxPixels: 8192 * 6144, MaxSide: 16_384);

    /// <summary>The memory that decoding one picture may take, in addition to the file.</summary>
    public long MaxDecodingBytes => BytesPerPixel * MaxPixels;

    /// <summary>
    /// Checks a header against the limits; <see cref="ImageProblem.None"/> if the picture may be decoded.
    /// </summary>
    public ImageProblem Check(in ImageHeader header) =>
        header.Format == ImageFormat.Unknown ? ImageProblem.UnknownFormat
        : header.Problem != ImageProblem.None ? header.Problem
        : header.IsEmpty ? ImageProblem.Damaged
        : AllowSides(header) && AllowPixels(header) && header.DecodingBytes <= MaxDecodingBytes ? ImageProblem.None
        : ImageProblem.TooManyPixels;

    /// <summary>Describes in a sentence which limit a picture exceeds.</summary>
    public string Describe(in ImageHeader header) =>
        !AllowSides(header) ? string.Create(
            CultureInfo.InvariantCulture,
            $"The picture is {header.Width} x {header.Height} pixels; the limit for each side is {MaxSide}.")
        : AllowPixels(header) ? DescribeMemory(header.DecodingBytes, MaxDecodingBytes)
        : string.Create(
            CultureInfo.InvariantCulture,
            $"The picture is {header.Width} x {header.Height} = {header.Pixels} pixels; the limit is "
            + $"{BaselineJpegFactor * MaxPixels} for a baseline JPEG, {MaxPixels} for other pictures.");

    /// <summary>Describes in a sentence that decoding a picture takes too much memory.</summary>
    public static string DescribeMemory(long bytes, long maxBytes)
    {
        const int KiB = 1024;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Decoding the picture takes {(bytes + KiB - 1) / KiB} KiB of memory; "
            + $"the limit is {maxBytes / KiB} KiB.");
    }

    private bool AllowPixels(in ImageHeader header) =>
        header.Pixels <= (header.IsBaselineJpeg ? BaselineJpegFactor * MaxPixels : MaxPixels);

    private bool AllowSides(in ImageHeader header) => header.Width <= MaxSide && header.Height <= MaxSide;
}
