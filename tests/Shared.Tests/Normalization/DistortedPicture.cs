using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using MnistLstm.Support.HardPictures;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>Copies of a picture as a worse camera, lamp or hand would have made it.</summary>
public static class DistortedPicture
{
    private const double LargestTurn = 12 * Math.PI / 180;

    /// <summary>The same seed makes the same copy.</summary>
    /// <param name="picture">0 = black, 255 = white; stays as it is.</param>
    /// <param name="digit">Position of the digit.</param>
    /// <param name="distortion">The distortion to apply.</param>
    /// <param name="seed">Decides everything else.</param>
    public static GrayImage Make(GrayImage picture, Region digit, Distortion distortion, int seed)
    {
        var random = new Random((seed * 31) + (int)distortion);
        double angle = random.NextDouble() * 2 * Math.PI;
        double amount = random.NextDouble();
        (int width, int height) = (picture.Width, picture.Height);
        double longSide = Math.Max(width, height);
        switch (distortion)
        {
            case Distortion.Turned:
                return Rotate(picture, LargestTurn * ((2 * amount) - 1));
            case Distortion.Light:
                return Map(width, height, (x, y) =>
                    picture.Row(y)[x] * (1 - (0.55 * Math.Clamp(Across(x, y, offset: 0), 0, 1))));
            case Distortion.Shadow:
                double softness = 0.01 + (0.05 * random.NextDouble());
                double place = (0.4 * random.NextDouble()) - 0.2;
                return Map(width, height, (x, y) =>
                    (30 + (0.8 * picture.Row(y)[x])) * (
                        1 - ((0.25 + (0.25 * amount)) / (1 + Math.Exp(-(Across(x, y, place) - 0.5) / softness)))));
            case Distortion.Pale:
                return Map(width, height, (x, y) => 100 + (0.33 * picture.Row(y)[x]) + Normal(random, deviation: 2));
            case Distortion.Grain:
                return Map(width, height, (x, y) =>
                    25 + (0.8 * picture.Row(y)[x]) + Normal(random, deviation: 8 + (14 * amount)));
            case Distortion.Blurred:
                GrayImage blurred = picture.Copy();
                BoxBlur(blurred, (int)Math.Round(longSide * (0.005 + (0.01 * amount))));
                return blurred;
            case Distortion.Small:
                double scale = Math.Min((24 + (36 * amount)) / longSide, 1);
                return Map(Math.Max((int)(width * scale), 8), Math.Max((int)(height * scale), 8), (x, y) =>
                    Mean(picture, x, y, 1 / scale));
            case Distortion.Inverted:
                return Map(width, height, (x, y) => 255 - picture.Row(y)[x]);
            case Distortion.Surround:
                byte[] surrounded = SurroundedPicture.Make(picture.Pixels, ref width, ref height, random);
                return Copy(surrounded, width, height);
            case Distortion.Letterbox:
                int tone = random.Next(2) * 255;
                return Letterbox(picture, tone, isAbove: random.Next(2) == 0, share: 0.1 + (0.3 * amount));
            case Distortion.TightCut:
                return Cut(picture, AtLeastSlim(digit).Grow(random.Next(3)));
            case Distortion.FarAway:
                return FarAway(picture, digit, random);
            case Distortion.Rotated20:
                return Rotate(picture, random.Next(2) == 0 ? Math.PI / 9 : -Math.PI / 9);
            case Distortion.HalfSize:
                return Map(Math.Max(width / 2, 1), Math.Max(height / 2, 1), (x, y) => Mean(picture, x, y, 2));
            case Distortion.StrongJpeg:
                return StrongJpeg(picture);
            case Distortion.PaleStroke:
                return PaleStroke(picture, digit, angle);
            default:
                throw new ArgumentOutOfRangeException(nameof(distortion));
        }

        // 0 to 1 along the direction, 0.5 in the middle.
        double Across(int x, int y, double offset) =>
            ((((double)x / width) - 0.5) * Math.Cos(angle)) + ((((double)y / height) - 0.5) * Math.Sin(angle))
            + 0.5 + offset;
    }

    /// <summary>About the middle, in radians.</summary>
    private static GrayImage Rotate(GrayImage picture, double angle)
    {
        (double sin, double cos) = (Math.Sin(angle), Math.Cos(angle));
        (double middleX, double middleY) = ((picture.Width - 1) / 2.0, (picture.Height - 1) / 2.0);
        return Map(picture.Width, picture.Height, (x, y) =>
        {
            (double dx, double dy) = (x - middleX, y - middleY);
            return Sample(picture, middleX + (cos * dx) - (sin * dy), middleY + (sin * dx) + (cos * dy));
        });
    }

    /// <param name="isAbove">Bars above and below; otherwise left and right.</param>
    /// <param name="share">Each bar's share of the picture.</param>
    private static GrayImage Letterbox(GrayImage picture, int tone, bool isAbove, double share)
    {
        int left = isAbove ? 0 : (int)Math.Ceiling(share * picture.Width);
        int top = isAbove ? (int)Math.Ceiling(share * picture.Height) : 0;
        return Place(picture, left, top, picture.Width + (2 * left), picture.Height + (2 * top), tone);
    }

    private static GrayImage Place(GrayImage picture, int left, int top, int width, int height, int tone) =>
        Map(width, height, (x, y) =>
            x >= left && y >= top && x < left + picture.Width && y < top + picture.Height
                ? picture.Row(y - top)[x - left]
                : tone);

    /// <summary>A narrower picture would be little more than the stroke of a 1.</summary>
    private static Region AtLeastSlim(in Region box)
    {
        int missing = Math.Max((int)(0.4 * box.Height) - box.Width, 0);
        return box with { Left = box.Left - (missing / 2), Right = box.Right + (missing - (missing / 2)) };
    }

    private static GrayImage Cut(GrayImage picture, in Region box)
    {
        Region cut = box.Meet(new Region(0, 0, picture.Width, picture.Height));
        return Map(cut.Width, cut.Height, (x, y) => picture.Row(y + cut.Top)[x + cut.Left]);
    }

    /// <summary>Reduced to a fifth, but no digit below 20 pixels, on a canvas of the edge's median tone.</summary>
    private static GrayImage FarAway(GrayImage picture, in Region digit, Random random)
    {
        double scale = Math.Min(Math.Max(0.2, 20.0 / digit.LongSide), 1);
        using GrayImage small = Map(
            Math.Max((int)(picture.Width * scale), 1),
            Math.Max((int)(picture.Height * scale), 1),
            (x, y) => Mean(picture, x, y, 1 / scale));
        int width = Math.Max(picture.Width, 3 * small.Width);
        int height = Math.Max(picture.Height, 3 * small.Height);
        int left = random.Next(width - small.Width);
        int top = random.Next(height - small.Height);
        return Place(small, left, top, width, height, EdgeTone(small));
    }

    private static byte EdgeTone(GrayImage picture)
    {
        List<byte> levels = [.. picture.Row(0), .. picture.Row(picture.Height - 1)];
        for (int y = 0; y < picture.Height; y++)
        {
            levels.Add(picture.Row(y)[0]);
            levels.Add(picture.Row(y)[^1]);
        }

        levels.Sort();
        return levels[levels.Count / 2];
    }

    /// <summary>
    /// A third of the contrast on one side of a line through the digit; paper is between the corners of its box.
    /// </summary>
    private static GrayImage PaleStroke(GrayImage picture, in Region digit, double angle)
    {
        const double Contrast = 0.33;
        Region box = digit.Grow((digit.LongSide / 10) + 1);
        (byte leftTop, byte rightTop) = (At(picture, box.Left, box.Top), At(picture, box.Right, box.Top));
        (byte leftBottom, byte rightBottom) = (At(picture, box.Left, box.Bottom), At(picture, box.Right, box.Bottom));
        return Map(picture.Width, picture.Height, (x, y) =>
        {
            (double right, double below) = ((double)(x - box.Left) / box.Width, (double)(y - box.Top) / box.Height);
            bool isPale = right is >= 0 and < 1 && below is >= 0 and < 1
                && ((right - 0.5) * Math.Cos(angle)) + ((below - 0.5) * Math.Sin(angle)) > 0.12;
            double above = ((1 - right) * leftTop) + (right * rightTop);
            double beneath = ((1 - right) * leftBottom) + (right * rightBottom);
            double paper = ((1 - below) * above) + (below * beneath);
            return isPale ? paper + (Contrast * (picture.Row(y)[x] - paper)) : picture.Row(y)[x];
        });
    }

    /// <summary>Quality 10; small pictures are enlarged first, for a block of 8x8 would cover their strokes.</summary>
    private static GrayImage StrongJpeg(GrayImage picture)
    {
        const int LeastSide = 100;
        int factor = 1 + (LeastSide / Math.Max(picture.Width, picture.Height));
        using GrayImage large = Map(picture.Width * factor, picture.Height * factor, (x, y) =>
            Sample(picture, ((x + 0.5) / factor) - 0.5, ((y + 0.5) / factor) - 0.5));
        byte[] file = Pictures.Encode(large.Pixels, large.Width, large.Height, SKEncodedImageFormat.Jpeg, quality: 10);
        return ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image) == ImageProblem.None
            ? image!
            : throw new InvalidOperationException("The picture is not decoded.");
    }

    private static GrayImage Copy(ReadOnlySpan<byte> pixels, int width, int height)
    {
        var image = new GrayImage(width, height);
        pixels.CopyTo(image.Pixels);
        return image;
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

    private static byte At(GrayImage image, int x, int y) =>
        image.Row(Math.Clamp(y, 0, image.Height - 1))[Math.Clamp(x, 0, image.Width - 1)];

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
