using System.Numerics.Tensors;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Proposes candidates for a decoded picture. Where its luma shows next to no ink, the colors and the stretched range
/// are searched too.
/// </summary>
public static class PictureNormalizer
{
    /// <summary>
    /// Ink of less contrast with its paper, half-way between the two, may be what a JPEG made of ink of the same luma.
    /// </summary>
    private const int FaintEdge = 10;

    /// <summary>A picture whose lightest pixel is darker holds values of another range, such as 0 to 1.</summary>
    private const byte MinLightest = 16;

    /// <summary>
    /// Neighbors in white noise differ as much as any two pixels, a ratio of 1 (at least 0.91 in 28x28 pixels); in
    /// MNIST's digits of two levels it is 0.6 at most.
    /// </summary>
    private const double MaxNeighborRatio = 0.75;

    /// <summary>Proposes candidates, the likeliest first; nothing where there is no ink.</summary>
    /// <param name="file">The picture's file, in use until the enumeration ends.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="limits">The limits that the file was decoded with.</param>
    /// <param name="image">The file, decoded, in use until the enumeration ends.</param>
    /// <param name="stop">Ends the work; looked at before a file is decoded again.</param>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public static IEnumerable<DigitCandidate> Propose(
        ReadOnlyMemory<byte> file, ImageHeader header, ImageLimits limits, GrayImage image,
        CancellationToken stop = default) =>
        DigitNormalizer.PassThrough(image) is { } passed ? [passed] : ProposeAny(file, header, limits, image, stop);

    /// <summary>
    /// What else may show ink if the luma does not: the stretched range, then the colors, in fewer pixels for a photo.
    /// </summary>
    /// <param name="file">The picture's file, in use until the enumeration ends.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="limits">The limits that the file was decoded with.</param>
    /// <param name="image">The file, decoded.</param>
    /// <param name="stop">Ends the work; looked at before a file is decoded again.</param>
    /// <returns>Each in use until the next one.</returns>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public static IEnumerable<GrayImage> OtherViews(
        ReadOnlyMemory<byte> file, ImageHeader header, ImageLimits limits, GrayImage image,
        CancellationToken stop = default)
    {
        using GrayImage? stretched = StretchRange(image, header.Format);
        if (stretched is not null && !IsNoise(stretched))
        {
            yield return stretched;
        }

        stop.ThrowIfCancellationRequested();
        using GrayImage? colors = ImageDecoder.DecodeColors(file.Span, header, limits, stop);
        if (colors is not null && !IsNoise(colors))
        {
            yield return colors;
        }
    }

    private static IEnumerable<DigitCandidate> ProposeAny(
        ReadOnlyMemory<byte> file, ImageHeader header, ImageLimits limits, GrayImage image, CancellationToken stop)
    {
        int edge = 0;
        foreach (DigitCandidate candidate in DigitNormalizer.Propose(image))
        {
            edge = Math.Max(edge, candidate.Edge);
            if (edge < FaintEdge)
            {
                break;
            }

            yield return candidate;
        }

        if (edge >= FaintEdge)
        {
            yield break;
        }

        foreach (GrayImage view in OtherViews(file, header, limits, image, stop))
        {
            foreach (DigitCandidate candidate in DigitNormalizer.Propose(view)
                .Where(candidate => candidate.Edge >= FaintEdge))
            {
                yield return candidate with { Box = candidate.Box.Map((double)image.Width / view.Width, 0, 0) };
            }
        }

        foreach (DigitCandidate candidate in DigitNormalizer.Propose(image))
        {
            yield return candidate;
        }
    }

    /// <summary>
    /// Multiplies the levels of a very dark picture so that the lightest becomes 255; null for all other pictures.
    /// </summary>
    /// <remarks>Lossy formats do not keep such values: what is this dark in them is a photo without light.</remarks>
    private static GrayImage? StretchRange(GrayImage image, ImageFormat format)
    {
        byte lightest = TensorPrimitives.Max<byte>(image.Pixels);
        if (lightest is 0 or >= MinLightest || format is not (ImageFormat.Png or ImageFormat.Bmp or ImageFormat.Gif))
        {
            return null;
        }

        GrayImage stretched = image.Copy();
        foreach (ref byte level in stretched.Pixels)
        {
            level = (byte)(level * byte.MaxValue / lightest);
        }

        return stretched;
    }

    /// <summary>
    /// Whether neighbors differ about as much as any two pixels (after von Neumann, 1941), or nothing differs at all.
    /// </summary>
    private static bool IsNoise(GrayImage image)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        double mean = (double)PixelStatistics.Sum(pixels) / pixels.Length;
        double variance = 0;
        double ofNeighbors = 0;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> row = image.Row(y);
            ReadOnlySpan<byte> below = image.Row(Math.Min(y + 1, image.Height - 1));
            for (int x = 0; x < row.Length; x++)
            {
                double fromMean = row[x] - mean;
                int toRight = row[x] - row[Math.Min(x + 1, row.Length - 1)];
                int toBelow = row[x] - below[x];
                variance += fromMean * fromMean;
                ofNeighbors += (toRight * toRight) + (toBelow * toBelow);
            }
        }

        // Two neighbors, of which either differs from the mean.
        return ofNeighbors >= MaxNeighborRatio * 4 * variance;
    }
}
