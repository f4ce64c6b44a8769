using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Tests.Filters;

/// <summary>
/// The filters of the normalizer as their definitions read, a pixel at a time: what the fast ones are compared with.
/// </summary>
internal static class PlainFilters
{
    public static byte[] Window(GrayImage image, int radius, bool isMaximum)
    {
        var result = new List<byte>();
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                byte extreme = image.Row(y)[x];
                for (int v = Math.Max(y - radius, 0); v <= Math.Min(y + radius, image.Height - 1); v++)
                {
                    for (int u = Math.Max(x - radius, 0); u <= Math.Min(x + radius, image.Width - 1); u++)
                    {
                        extreme = isMaximum ? Math.Max(extreme, image.Row(v)[u]) : Math.Min(extreme, image.Row(v)[u]);
                    }
                }

                result.Add(extreme);
            }
        }

        return [.. result];
    }

    public static byte[] Cross(GrayImage image, bool isMaximum) => Map(image, (x, y) =>
    {
        byte[] five =
            [At(image, x, y), At(image, x - 1, y), At(image, x + 1, y), At(image, x, y - 1), At(image, x, y + 1)];
        return isMaximum ? five.Max() : five.Min();
    });

    public static byte[] Binomial(GrayImage image) => Map(image, (x, y) =>
    {
        int sum = 8;
        for (int v = -1; v <= 1; v++)
        {
            for (int u = -1; u <= 1; u++)
            {
                sum += (2 - Math.Abs(u)) * (2 - Math.Abs(v)) * At(image, x + u, y + v);
            }
        }

        return (byte)(sum / 16);
    });

    /// <summary>First across, then down, rounded in between.</summary>
    public static byte[] Scaled(GrayImage image, int width, int height)
    {
        byte[] low = new byte[image.Width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                int column = x;
                low[(y * image.Width) + x] = ScaledPixel(i => image.Row(i)[column], image.Height, height, y);
            }
        }

        byte[] scaled = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int row = y;
                scaled[(y * width) + x] = ScaledPixel(i => low[(row * image.Width) + i], image.Width, width, x);
            }
        }

        return scaled;
    }

    public static double StrokeWidth(GrayImage image)
    {
        long area = 0;
        double outline = 0;
        for (int y = -1; y < image.Height; y++)
        {
            for (int x = -1; x < image.Width; x++)
            {
                int here = At(x, y);
                int right = At(x + 1, y);
                int down = At(x, y + 1);
                int diagonal = At(x + 1, y + 1);
                int across = right - here + diagonal - down;
                int along = down - here + diagonal - right;
                area += here;
                outline += (here & right & down & diagonal) == 255
                    ? 0
                    : Math.Sqrt((across * across) + (along * along)) / 2;
            }
        }

        return outline == 0 ? 0 : 2 * area / outline;

        int At(int x, int y) => x < 0 || y < 0 || x >= image.Width || y >= image.Height ? 0 : image.Row(y)[x];
    }

    /// <summary>The area average of a line where it shrinks, linear interpolation where it grows.</summary>
    private static byte ScaledPixel(Func<int, byte> line, int count, int scaledCount, int index)
    {
        float length = (float)count / scaledCount;
        float sum;
        if (length >= 1)
        {
            float start = index * length;
            float end = start + length;
            int first = (int)start;
            int last = Math.Clamp((int)MathF.Ceiling(end) - 1, first, count - 1);
            sum = (first == last ? length : first + 1 - start) * line(first);
            for (int i = first + 1; i < last; i++)
            {
                sum += line(i);
            }

            sum += first == last ? 0 : (end - last) * line(last);
            sum /= length;
        }
        else
        {
            float center = Math.Clamp(((index + 0.5f) * length) - 0.5f, 0, count - 1);
            int first = (int)center;
            int last = Math.Min(first + 1, count - 1);
            sum = first == last ? line(first) : ((1 - (center - first)) * line(first))
                + ((center - first) * line(last));
        }

        return (byte)Math.Clamp(sum + 0.5f, 0, byte.MaxValue);
    }

    private static byte[] Map(GrayImage image, Func<int, int, byte> pixel) =>
        [.. Enumerable.Range(0, image.Height)
            .SelectMany(y => Enumerable.Range(0, image.Width).Select(x => pixel(x, y)))];

    /// <summary>Beyond the edges, the outermost pixels go on.</summary>
    private static byte At(GrayImage image, int x, int y) =>
        image.Row(Math.Clamp(y, 0, image.Height - 1))[Math.Clamp(x, 0, image.Width - 1)];
}
