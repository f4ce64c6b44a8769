using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding;

/// <summary>Rotates a picture upright by its EXIF orientation (Exif 2.32, tag 0x0112).</summary>
internal static class Orientation
{
    /// <summary>Takes ownership of the picture: returns it, or disposes of it and returns another.</summary>
    /// <param name="image">The picture as stored.</param>
    /// <param name="orientation">1 to 8: where row 0 and column 0 of the stored picture are in the upright one.</param>
    public static GrayImage Undo(GrayImage image, int orientation)
    {
        // The source of pixel (x, y) is at origin + x * stepX + y * stepY.
        int w = image.Width;
        int h = image.Height;
        int last = (w * h) - 1;
        (bool swaps, int origin, int stepX, int stepY) = orientation switch
        {
            2 => (false, w - 1, -1, w),            // top right: mirrored
            3 => (false, last, -1, -w),            // bottom right: turned by 180 degrees
            4 => (false, w * (h - 1), 1, -w),      // bottom left: upside down
            5 => (true, 0, w, 1),                  // left top: transposed
            6 => (true, w * (h - 1), -w, 1),       // right top: to be turned clockwise
            7 => (true, last, -w, -1),             // right bottom
            8 => (true, w - 1, w, -1),             // left bottom: to be turned anticlockwise
            _ => (false, 0, 1, w),
        };
        if (origin == 0 && stepX == 1)
        {
            return image;
        }

        using (image)
        {
            var upright = swaps ? new GrayImage(h, w) : new GrayImage(w, h);
            ReadOnlySpan<byte> stored = image.Pixels;
            for (int y = 0; y < upright.Height; y++)
            {
                Span<byte> row = upright.Row(y);
                int source = origin + (y * stepY);
                for (int x = 0; x < row.Length; x++)
                {
                    row[x] = stored[source];
                    source += stepX;
                }
            }

            return upright;
        }
    }
}
