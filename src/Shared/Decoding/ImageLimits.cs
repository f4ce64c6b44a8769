using System.Globalization;

namespace MnistLstm.Shared.Decoding;

/// <summary>What is still decoded. Judged from the picture's header, before anything is decoded.</summary>
/// <param name="MaxPixels">
/// Width times height, at most, where all pixels are decoded: four bytes of memory each.
/// </param>
/// <param name="MaxSide">Width or height in pixels, at most.</param>
public readonly record struct ImageLimits(long MaxPixels, int MaxSide)
{
    /// <summary>
    /// A baseline JPEG is decoded in strips at an eighth of its size. One of 200 megapixels takes 0.3 s and 45 MB
    /// beside the file. Of 50 megapixels, a progressive one takes 0.6 s and 150 MB with colors of half the resolution
    /// (4:2:0), 300 MB with all of it, and a PNG 0.5 s and 195 MB: see <see cref="ImageHeader.DecodingBytes"/>.
    /// </summary>
    public const int BaselineJpegFactor = 4;

    /// <summary>Phones' largest photos: 8192 x 6144, and as a baseline JPEG 16384 x 12288.</summary>
    public static ImageLimits Default { get; } = new(MaxPixels: 8192 * 6144, MaxSide: 16_384);

    /// <summary>
    /// What keeps a picture from being decoded, by its header; <see cref="ImageProblem.None"/> where nothing does.
    /// </summary>
    public ImageProblem Check(in ImageHeader header) =>
        header.Format == ImageFormat.Unknown ? ImageProblem.UnknownFormat
        : header.Problem != ImageProblem.None ? header.Problem
        : header.IsEmpty ? ImageProblem.Damaged
        : AllowSides(header) && header.Pixels <= (header.IsBaselineJpeg ? BaselineJpegFactor * MaxPixels : MaxPixels)
            ? ImageProblem.None
        : ImageProblem.TooManyPixels;

    /// <summary>Says in a sentence which limit a picture breaks that is not allowed.</summary>
    public string Describe(in ImageHeader header) => AllowSides(header)
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"The picture is {header.Width} x {header.Height} = {header.Pixels} pixels; a baseline JPEG may have "
                + $"{BaselineJpegFactor * MaxPixels}, any other picture {MaxPixels}.")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"The picture is {header.Width} x {header.Height} pixels; its longer side may have {MaxSide}.");

    private bool AllowSides(in ImageHeader header) => header.Width <= MaxSide && header.Height <= MaxSide;
}
