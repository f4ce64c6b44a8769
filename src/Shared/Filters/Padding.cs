using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>Extends a picture by one level.</summary>
internal static class Padding
{
    /// <summary>The picture in the middle of another one, cut off where that is smaller.</summary>
    /// <param name="level">The level of the pixels around it.</param>
    public static GrayImage Center(GrayImage image, int width, int height, byte level = 0)
    {
        var padded = new GrayImage(width, height);
        padded.Pixels.Fill(level);
        int left = (width - image.Width) / 2;
        int top = (height - image.Height) / 2;
        int from = Math.Max(-left, 0);
        int count = Math.Min(image.Width - from, width - Math.Max(left, 0));
        for (int y = Math.Max(top, 0); y < Math.Min(top + image.Height, height); y++)
        {
            image.Row(y - top).Slice(from, count).CopyTo(padded.Row(y)[Math.Max(left, 0)..]);
        }

        return padded;
    }
}
