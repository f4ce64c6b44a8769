using System.Buffers;

namespace MnistLstm.Shared.Imaging;

/// <summary>Low-pass filters, in place; beyond the picture's edges its outermost pixels go on.</summary>
internal static class Smoothing
{
    /// <summary>Weights 1 2 1 in both directions: takes the grain of a photo and leaves its strokes.</summary>
    public static void Binomial(GrayImage image)
    {
        int width = image.Width;
        int height = image.Height;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(2 * width);
        Span<byte> above = buffer.AsSpan(0, width);
        Span<byte> here = buffer.AsSpan(width, width);
        image.Row(0).CopyTo(above);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = image.Row(y);
            row.CopyTo(here);
            ReadOnlySpan<byte> below = y + 1 < height ? image.Row(y + 1) : here;
            int left = above[0] + (2 * here[0]) + below[0];
            int middle = left;
            for (int x = 0; x < width; x++)
            {
                int next = Math.Min(x + 1, width - 1);
                int right = above[next] + (2 * here[next]) + below[next];
                row[x] = (byte)((left + (2 * middle) + right + 8) >> 4);
                left = middle;
                middle = right;
            }

            Span<byte> swap = above;
            above = here;
            here = swap;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The mean over a square window of side 2 radius + 1.</summary>
    public static void Box(GrayImage image, int radius)
    {
        int longSide = Math.Max(image.Width, image.Height);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(longSide);
        Span<byte> line = buffer;
        for (int y = 0; y < image.Height; y++)
        {
            BoxLine(image.Pixels, y * image.Width, 1, image.Width, radius, line);
        }

        for (int x = 0; x < image.Width; x++)
        {
            BoxLine(image.Pixels, x, image.Width, image.Height, radius, line);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static void BoxLine(Span<byte> pixels, int start, int step, int count, int radius, Span<byte> line)
    {
        for (int i = 0; i < count; i++)
        {
            line[i] = pixels[start + (i * step)];
        }

        int window = (2 * radius) + 1;
        int sum = 0;
        for (int i = -radius; i <= radius; i++)
        {
            sum += line[Math.Clamp(i, 0, count - 1)];
        }

        for (int i = 0; i < count; i++)
        {
            pixels[start + (i * step)] = (byte)((sum + radius) / window);
            sum += line[Math.Min(i + radius + 1, count - 1)] - line[Math.Max(i - radius, 0)];
        }
    }
}
