using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Bounding box and center of mass of the ink of a small picture.</summary>
/// <param name="Box">Its bounding box; without pixels where there is no ink.</param>
/// <param name="CenterX">Center of mass, in pixels from the left; the first pixel's center is at 0.5.</param>
/// <param name="CenterY">The same from the top.</param>
/// <param name="Darkest">Most ink of a pixel.</param>
internal readonly record struct Moments(Region Box, double CenterX, double CenterY, byte Darkest)
{
    /// <param name="image">0 = paper, 255 = ink.</param>
    [MethodImpl(PixelLoop.Compilation)]
    public static Moments Of(GrayImage image)
    {
        var box = new Region(image.Width, image.Height, 0, 0);
        long mass = 0;
        long massX = 0;
        long massY = 0;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> row = image.Row(y);
            int left = row.IndexOfAnyExcept((byte)0);
            if (left < 0)
            {
                continue;
            }

            int right = row.LastIndexOfAnyExcept((byte)0) + 1;
            box = box.Join(new Region(left, y, right, y + 1));
            long rowMass = PixelStatistics.Sum(row[left..right]);
            mass += rowMass;
            massY += y * rowMass;
            for (int x = left; x < right; x++)
            {
                massX += x * row[x];
            }
        }

        double all = Math.Max(mass, 1);
        return new Moments(box, (massX / all) + 0.5, (massY / all) + 0.5, TensorPrimitives.Max<byte>(image.Pixels));
    }
}
