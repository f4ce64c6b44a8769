using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Trainer.Data;

/// <summary>A picture file, decoded as the service decodes an upload.</summary>
/// <param name="image">Disposed of with this.</param>
public sealed class PictureFile(byte[] encoded, ImageHeader header, GrayImage image) : IDisposable
{
    /// <summary>Reads and decodes a file.</summary>
    /// <param name="file">Null where it cannot be read.</param>
    /// <param name="leastSide">Pixels that a JPEG's longer side keeps, if it has as many.</param>
    /// <returns>Why the file cannot be read; null if it can.</returns>
    public static string? Open(string path, out PictureFile? file, int leastSide = ImageDecoder.OneDigitSide)
    {
        file = null;
        byte[] encoded;
        try
        {
            encoded = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }

        ImageHeader header = ImageHeader.Read(encoded);
        ImageProblem problem = ImageDecoder.Decode(
            encoded, header, ImageLimits.Default, out GrayImage? image, leastSide);
        if (image is not null)
        {
            file = new PictureFile(encoded, header, image);
            return null;
        }

        return problem switch
        {
            ImageProblem.UnknownFormat => ImageFormats.NameUnread(encoded) ?? "no picture format that is read",
            ImageProblem.TooManyPixels => "too many pixels",
            ImageProblem.TooManySegments => $"more than {ImageHeader.MaxSegments} segments of metadata",
            ImageProblem.TooManyScans => $"more than {ImageHeader.MaxScans} scans",
            _ => "damaged",
        };
    }

    /// <summary>Proposes candidates for the picture's digit.</summary>
    public IEnumerable<DigitCandidate> Propose() =>
        PictureNormalizer.Propose(encoded, header, ImageLimits.Default, image);

    /// <summary>The picture, and what else may show ink if it does not.</summary>
    public IEnumerable<GrayImage> Views() =>
        PictureNormalizer.OtherViews(encoded, header, ImageLimits.Default, image).Prepend(image);

    public void Dispose() => image.Dispose();
}
