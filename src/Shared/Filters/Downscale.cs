using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>Reduces a picture to a bounded size.</summary>
internal static class Downscale
{
    /// <summary>
    /// Reduces the picture by the smallest whole factor that makes no side longer than the maximum; returns a copy if
    /// that is 1.
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
