namespace MnistLstm.Support.HardPictures;

/// <summary>Puts a picture into a surround of another tone on two, three or four sides.</summary>
public static class SurroundedPicture
{
    /// <summary>Least difference of the surround from the mean of the picture's edge, in levels.</summary>
    private const int LeastStep = 40;

    /// <param name="picture">[height, width]</param>
    /// <param name="width">Width of the picture, then of the result.</param>
    /// <param name="height">Height of the picture, then of the result.</param>
    /// <param name="random">Decides the sides, their widths, the tone, its grain, and whether it is a plot.</param>
    /// <returns>[height, width]</returns>
    public static byte[] Make(ReadOnlySpan<byte> picture, ref int width, ref int height, Random random)
    {
        (int left, int top, int right, int bottom) = Widths(width, height, random);
        int tone = Tone(EdgeTone(picture, width, height), random);
        int grain = random.Next(3) == 0 ? random.Next(2, 8) : 0;
        bool isPlot = Math.Min(Math.Min(left, right), Math.Min(top, bottom)) > 0 && random.Next(4) == 0;
        (int innerWidth, int innerHeight) = (width, height);
        (width, height) = (left + innerWidth + right, top + innerHeight + bottom);
        byte[] result = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int u, int v) = (x - left, y - top);
                bool isInside = u >= 0 && v >= 0 && u < innerWidth && v < innerHeight;
                int surround = isPlot && IsAxis(u, v, innerWidth, innerHeight) ? 255 - tone : tone;
                result[(y * width) + x] = isInside
                    ? picture[(v * innerWidth) + u]
                    : (byte)Math.Clamp(surround + random.Next(-grain, grain + 1), 0, 255);
            }
        }

        return result;
    }

    private static (int Left, int Top, int Right, int Bottom) Widths(int width, int height, Random random)
    {
        int Width(int side) => Math.Max(2, (int)(side * (0.04f + (0.4f * random.NextSingle() * random.NextSingle()))));

        int missing = random.Next(4);
        (int left, int top, int right, int bottom) = (Width(width), Width(height), Width(width), Width(height));
        return random.Next(4) switch
        {
            0 => missing < 2 ? (left, 0, left, 0) : (0, top, 0, top), // letterbox
            1 => missing switch // two that meet
            {
                0 => (left, top, 0, 0),
                1 => (0, top, right, 0),
                2 => (0, 0, right, bottom),
                _ => (left, 0, 0, bottom),
            },
            2 => (missing == 0 ? 0 : left, missing == 1 ? 0 : top, missing == 2 ? 0 : right, missing == 3 ? 0 : bottom),
            _ => (left, top, right, bottom),
        };
    }

    /// <summary>Black, white or any other tone that differs from the picture's edge.</summary>
    private static int Tone(int edge, Random random)
    {
        int tone = random.Next(3) switch { 0 => 0, 1 => 255, _ => random.Next(256) };
        return Math.Abs(tone - edge) >= LeastStep ? tone : edge < 128 ? 255 - random.Next(60) : random.Next(60);
    }

    private static int EdgeTone(ReadOnlySpan<byte> picture, int width, int height)
    {
        long sum = 0;
        for (int x = 0; x < width; x++)
        {
            sum += picture[x] + picture[((height - 1) * width) + x];
        }

        for (int y = 0; y < height; y++)
        {
            sum += picture[y * width] + picture[(y * width) + width - 1];
        }

        return (int)(sum / (2 * (width + height)));
    }

    /// <summary>The frame of a plot, and a mark at every fifth of its left and lower sides.</summary>
    private static bool IsAxis(int u, int v, int width, int height)
    {
        const int Mark = 4;
        bool isFrame = u >= -1 && u <= width && v >= -1 && v <= height;
        bool isMarkAtLeft = u is < 0 and >= -Mark && v % (height / 5) == height / 10;
        bool isMarkBelow = v >= height && v < height + Mark && u % (width / 5) == width / 10;
        return isFrame || isMarkAtLeft || isMarkBelow;
    }
}
