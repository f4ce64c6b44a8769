using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>Copies of a picture as a worse camera, lamp or hand would have made it.</summary>
public static class DistortedPicture
{
    private const double LargestTurn = 12 * Math.PI / 180;

    /// <summary>The same seed makes the same copy.</summary>
    /// <param name="picture">0 = black, 255 = white; stays as it is.</param>
    public static GrayImage Make(GrayImage picture, Distortion distortion, int seed)
    {
        var random = new Random((seed * 31) + (int)distortion);
        double angle = random.NextDouble() * 2 * Math.PI;
        double amount = random.NextDouble();
        (int width, int height) = (picture.Width, picture.Height);
        double longSide = Math.Max(width, height);
        switch (distortion)
        {
            case Distortion.Turned:
                double turn = LargestTurn * ((2 * amount) - 1);
                (double sin, double cos) = (Math.Sin(turn), Math.Cos(turn));
                return Map(width, height, (x, y) =>
                {
                    (double dx, double dy) = (x - ((width - 1) / 2.0), y - ((height - 1) / 2.0));
                    return Sample(picture, ((width - 1) / 2.0) + (cos * dx) - (sin * dy), ((height - 1) / 2.0) + (sin * dx) + (cos * dy));
                });
            case Distortion.Light:
                return Map(width, height, (x, y) => picture.Row(y)[x] * (1 - (0.55 * Math.Clamp(Across(x, y, offset: 0), 0, 1))));
            case Distortion.Shadow:
                double softness = 0.01 + (0.05 * random.NextDouble());
                double place = (0.4 * random.NextDouble()) - 0.2;
                return Map(width, height, (x, y) =>
                    (30 + (0.8 * picture.Row(y)[x])) * (1 - ((0.25 + (0.25 * amount)) / (1 + Math.Exp(-(Across(x, y, place) - 0.5) / softness)))));
            case Distortion.Pale:
                return Map(width, height, (x, y) => 100 + (0.33 * picture.Row(y)[x]) + Normal(random, deviation: 2));
            case Distortion.Grain:
                return Map(width, height, (x, y) => 25 + (0.8 * picture.Row(y)[x]) + Normal(random, deviation: 8 + (14 * amount)));
            case Distortion.Blurred:
                GrayImage blurred = picture.Copy();
                BoxBlur(blurred, (int)Math.Round(longSide * (0.005 + (0.01 * amount))));
                return blurred;
            case Distortion.Small:
                double scale = Math.Min((24 + (36 * amount)) / longSide, 1);
                return Map(Math.Max((int)(width * scale), 8), Math.Max((int)(height * scale), 8), (x, y) => Mean(picture, x, y, 1 / scale));
            case Distortion.Inverted:
                return Map(width, height, (x, y) => 255 - picture.Row(y)[x]);
            default:
                throw new ArgumentOutOfRangeException(nameof(distortion));
        }

        // 0 to 1 along the direction, 0.5 in the middle.
        double Across(int x, int y, double offset) =>
            ((((double)x / width) - 0.5) * Math.Cos(angle)) + ((((double)y / height) - 0.5) * Math.Sin(angle)) + 0.5 + offset;
    }

    private static GrayImage Map(int width, int height, Func<int, int, double> level)
    {
        var image = new GrayImage(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                image.Row(y)[x] = (byte)Math.Clamp(Math.Round(level(x, y)), 0, 255);
            }
        }

        return image;
    }

    /// <summary>Between four pixels; beyond the border as at the border.</summary>
    private static double Sample(GrayImage image, double x, double y)
    {
        (int left, int top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        (double right, double below) = (x - left, y - top);
        return ((1 - below) * (((1 - right) * At(image, left, top)) + (right * At(image, left + 1, top))))
            + (below * (((1 - right) * At(image, left, top + 1)) + (right * At(image, left + 1, top + 1))));
    }

    private static byte At(GrayImage image, int x, int y) => image.Row(Math.Clamp(y, 0, image.Height - 1))[Math.Clamp(x, 0, image.Width - 1)];

    private static double Mean(GrayImage image, int x, int y, double size)
    {
        (int left, int top) = ((int)(x * size), (int)(y * size));
        int right = Math.Clamp((int)((x + 1) * size), left + 1, Math.Max(image.Width, left + 1));
        int bottom = Math.Clamp((int)((y + 1) * size), top + 1, Math.Max(image.Height, top + 1));
        double sum = 0;
        for (int row = top; row < bottom; row++)
        {
            for (int column = left; column < right; column++)
            {
                sum += At(image, column, row);
            }
        }

        return sum / ((right - left) * (bottom - top));
    }

    /// <summary>Three times a box, nearly a bell.</summary>
    private static void BoxBlur(GrayImage image, int radius)
    {
        for (int times = 0; times < 3; times++)
        {
            using GrayImage before = image.Copy();
            using GrayImage rows = Map(image.Width, image.Height, (x, y) =>
                Enumerable.Range(x - radius, (2 * radius) + 1).Average(column => At(before, column, y)));
            using GrayImage both = Map(image.Width, image.Height, (x, y) =>
                Enumerable.Range(y - radius, (2 * radius) + 1).Average(row => At(rows, x, row)));
            both.Pixels.CopyTo(image.Pixels);
        }
    }

    private static double Normal(Random random, double deviation) =>
        deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
