using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Tells whether a picture already is in the form of MNIST (LeCun, Cortes, Burges, "The MNIST database"): 28x28, the
/// ink in a box of 20x20 that is placed, by whole pixels, so that its center of mass falls into the middle pixel.
/// </summary>
/// <remarks>The ranges are those of all 70,000 images, widened where that costs nothing.</remarks>
internal static class MnistFormat
{
    /// <summary>Side of the image, in pixels.</summary>
    public const int Side = RowSequence.Features;

    /// <summary>Longer side of the ink's bounding box, in pixels: 20 in 69,984 images, 19 in 16.</summary>
    public const int BoxSide = 20;

    /// <summary>The darkest pixel of each image is 254 or 255.</summary>
    private const int MinDarkest = 250;

    /// <summary>Distance of the center of mass from 14.5; the centers are from 13.98 to 15.00.</summary>
    private const double MaxShift = 0.55;

    /// <summary>The bounding box of the ink of a picture in MNIST's form; null for any other picture.</summary>
    public static Region? FindBox(GrayImage image)
    {
        if (image.Width != Side || image.Height != Side)
        {
            return null;
        }

        Moments ink = Moments.Of(image);
        return ink.Darkest >= MinDarkest && ink.Box.LongSide is BoxSide - 1 or BoxSide
            && IsCentered(ink.CenterX) && IsCentered(ink.CenterY)
            ? ink.Box
            : null;
    }

    private static bool IsCentered(double center) => Math.Abs(center - ((Side + 1) / 2.0)) <= MaxShift;
}
