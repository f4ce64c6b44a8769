using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>Brings a picture down to a size that the work on it is bounded by.</summary>
internal static class Downscale
{
    /// <summary>
    /// The picture reduced by the smallest whole factor after which no side is longer than asked; a copy at least.
    /// </summary>
    public static GrayImage ToSide(GrayImage image, int maxSide)
    {
        int longSide = Math.Max(image.Width, image.Height);
        int factor = (longSide + maxSide - 1) / maxSide;
        if (factor == 1)
        {
            return image.Copy();
        }

        using var blocks = new BlockAverage(image.Width, image.Height, factor);
        for (int y = 0; y < image.Height; y++)
        {
            blocks.Add(image.Row(y));
        }

        return blocks.ToImage();
    }
}
