using System.Numerics.Tensors;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Brings a decoded picture to MNIST's form by <see cref="DigitNormalizer"/>. Where its luma shows no ink, or next to
/// none, looks for it in the picture's colors, and in values that were never brought to the range 0 to 255.
/// </summary>
public static class PictureNormalizer
{
    /// <summary>
    /// Ink of less contrast with its paper, half-way between the two, may be what a JPEG made of ink of the same luma.
    /// </summary>
    private const int FaintEdge = 10;

    /// <summary>Ink in the colors is taken where it has this many times the contrast of that in the luma.</summary>
    private const int MuchClearer = 2;

    /// <summary>A picture whose lightest pixel is darker holds values of another range, such as 0 to 1.</summary>
    private const byte MinLightest = 16;

    /// <summary>
    /// Neighbors in white noise differ as much as any two pixels, a ratio of 1 (at least 0.91 in 28x28 pixels); in
    /// MNIST's digits of two levels it is 0.6 at most.
    /// </summary>
    private const double MaxNeighborRatio = 0.75;

    /// <summary>Finds the ink and writes it as an MNIST image.</summary>
    /// <param name="file">The picture's file.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="limits">The limits that the file was decoded with.</param>
    /// <param name="image">The file, decoded.</param>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink; all 0 where there is no ink.</param>
    /// <param name="stop">Ends the work; looked at where the file is decoded again.</param>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public static NormalizedDigit Normalize(
        ReadOnlySpan<byte> file,
        in ImageHeader header,
        ImageLimits limits,
        GrayImage image,
        Span<byte> digit,
        CancellationToken stop = default)
    {
        NormalizedDigit found = DigitNormalizer.Normalize(image, digit);
        if (found.HasInk && found.Edge >= FaintEdge)
        {
            return found;
        }

        using GrayImage? stretched = StretchRange(image, header.Format);
        if (IsClearer(stretched, ref found, digit))
        {
            return found;
        }

        stop.ThrowIfCancellationRequested();
        using GrayImage? colors = ImageDecoder.DecodeColors(file, header, limits, stop);
        IsClearer(colors, ref found, digit);
        return found;
    }

    /// <summary>
    /// Whether ink shows much more clearly in another picture made of the same file; then that ink is taken.
    /// </summary>
    private static bool IsClearer(GrayImage? other, ref NormalizedDigit found, Span<byte> digit)
    {
        if (other is null || IsNoise(other))
        {
            return false;
        }

        Span<byte> otherDigit = stackalloc byte[RowSequence.Length];
        NormalizedDigit foundOther = DigitNormalizer.Normalize(other, otherDigit);
        if (!foundOther.HasInk || foundOther.Edge < Math.Max(FaintEdge, MuchClearer * found.Edge))
        {
            return false;
        }

        otherDigit.CopyTo(digit);
        found = foundOther;
        return true;
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
        double mean = (double)Levels.Sum(pixels) / pixels.Length;
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
