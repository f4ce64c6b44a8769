using SkiaSharp;

namespace MnistLstm.Support.HardPictures;

/// <summary>Pictures of the styles from <see cref="PictureStyle.Surround"/> on.</summary>
internal static class NaturalPicture
{
    /// <summary>A picture file of the line.</summary>
    /// <param name="stroke">The digit.</param>
    /// <param name="style">The difficulty.</param>
    /// <param name="random">Decides everything else.</param>
    public static byte[] Make(PenStroke stroke, PictureStyle style, Random random) => style switch
    {
        PictureStyle.Surround => Surround(stroke, random),
        PictureStyle.FarAway => FarAway(stroke, random),
        PictureStyle.StrongJpeg => StrongJpeg(stroke, random),
        PictureStyle.Rotated20 => OnPage(stroke.Rotate(random.Next(2) == 0 ? 20 : -20), style, random),
        _ => OnPage(stroke, style, random),
    };

    private static byte[] OnPage(PenStroke stroke, PictureStyle style, Random random)
    {
        bool isPhoto = style != PictureStyle.PaleStroke && random.Next(2) == 0;
        (int width, int height) = (random.Next(200, 700), random.Next(200, 700));
        float pen = style == PictureStyle.ThinLoops ? random.Between(0.01f, 0.022f) : random.Between(0.025f, 0.09f);
        Func<SKPoint, float> pressure = Pressure(stroke, style, pen, random);
        Photo photo = Write(stroke, width, height, random.Between(0.45f, 1), pen, isPhoto, pressure, random);
        if (random.Next(4) == 0)
        {
            photo.Invert();
        }

        return isPhoto
            ? photo.Encode(SKColors.Black, SKColors.White, blur: 0, SKEncodedImageFormat.Jpeg, random.Next(60, 95))
            : Pictures.GrayPng(photo.ToPixels(), width, height);
    }

    /// <summary>Share of ink at a point of the 28x28 pixels.</summary>
    private static Func<SKPoint, float> Pressure(PenStroke stroke, PictureStyle style, float pen, Random random) =>
        style switch
        {
            PictureStyle.PaleStroke => PaleBeyondLine(stroke, random),
            PictureStyle.SkippingPen => Skipping(stroke, pen, random),
            _ => _ => 1,
        };

    /// <summary>A straight line across the digit: a fifth to two fifths of the ink beyond it are pale.</summary>
    private static Func<SKPoint, float> PaleBeyondLine(PenStroke stroke, Random random)
    {
        float angle = random.Between(0, 2 * MathF.PI);
        (float across, float down) = (MathF.Cos(angle), MathF.Sin(angle));
        float[] positions = [.. stroke.Points.Select(Position).Order()];
        float limit = positions.Length == 0 ? 0 : positions[(int)(random.Between(0.6f, 0.8f) * positions.Length)];
        float pale = random.Between(0.2f, 0.35f);
        return point => Position(point) > limit ? pale : 1;

        float Position(SKPoint point) => (point.X * across) + (point.Y * down);
    }

    /// <summary>Ink that varies smoothly, by three to five times, with short gaps.</summary>
    private static Func<SKPoint, float> Skipping(PenStroke stroke, float pen, Random random)
    {
        const int Knots = 9; // a knot each four of the 28 pixels, and one at the end
        float palest = 1 / random.Between(3, 5);
        float[] knots = [.. Enumerable.Range(0, Knots * Knots).Select(_ => random.NextSingle())];
        float widest = (pen * 14) + 0.6f; // half the pen and half of a gap of 1.2 pixels
        SKPoint[] gaps = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => stroke.PointAt(random.NextSingle()))];
        return point => gaps.Any(gap => SKPoint.Distance(gap, point) < widest)
            ? 0
            : palest + ((1 - palest) * Stretch(Smooth(point)));

        float Smooth(SKPoint point)
        {
            float x = Math.Clamp(point.X / 4, 0, Knots - 1.001f);
            float y = Math.Clamp(point.Y / 4, 0, Knots - 1.001f);
            int at = ((int)y * Knots) + (int)x;
            (float right, float below) = (x - (int)x, y - (int)y);
            float upper = knots[at] + (right * (knots[at + 1] - knots[at]));
            float lower = knots[at + Knots] + (right * (knots[at + Knots + 1] - knots[at + Knots]));
            return upper + (below * (lower - upper));
        }

        static float Stretch(float value) => Math.Clamp(0.5f + (2.5f * (value - 0.5f)), 0, 1);
    }

    private static byte[] FarAway(PenStroke stroke, Random random)
    {
        (int width, int height) = (random.Next(400, 900), random.Next(400, 900));
        float box = random.Between(20, 34); // the digit is 20 / 28 of it
        float share = box / Math.Min(width, height);
        float pen = random.Between(0.06f, 0.12f);
        Photo photo = Write(stroke, width, height, share, pen, isPhoto: true, _ => 1, random);
        return photo.Encode(SKColors.Black, SKColors.White, blur: 0, SKEncodedImageFormat.Jpeg, random.Next(75, 95));
    }

    private static byte[] StrongJpeg(PenStroke stroke, Random random)
    {
        (int width, int height) = (random.Next(140, 400), random.Next(140, 400));
        float share = random.Between(0.7f, 1);
        float pen = random.Between(0.05f, 0.1f);
        Photo photo = Write(stroke, width, height, share, pen, isPhoto: random.Next(2) == 0, _ => 1, random);
        return photo.Encode(SKColors.Black, SKColors.White, blur: 0, SKEncodedImageFormat.Jpeg, random.Next(5, 13));
    }

    private static byte[] Surround(PenStroke stroke, Random random)
    {
        bool isPhoto = random.Next(2) == 0;
        (int width, int height) = (random.Next(100, 400), random.Next(100, 400));
        float share = random.Between(0.5f, 1);
        float pen = random.Between(0.03f, 0.09f);
        Photo photo = Write(stroke, width, height, share, pen, isPhoto, _ => 1, random);
        if (random.Next(2) == 0)
        {
            photo.Invert();
        }

        byte[] picture = SurroundedPicture.Make(photo.ToPixels(), ref width, ref height, random);
        return random.Next(2) == 0
            ? Pictures.GrayPng(picture, width, height)
            : Pictures.Encode(picture, width, height, SKEncodedImageFormat.Jpeg, random.Next(70, 96));
    }

    /// <summary>A page, scanned or photographed, with the digit on it.</summary>
    /// <param name="share">Side of the 28x28 pixels, as a share of the picture's shorter side.</param>
    /// <param name="pen">Width of the pen, as a share of the side of the 28x28 pixels.</param>
    private static Photo Write(
        PenStroke stroke,
        int width,
        int height,
        float share,
        float pen,
        bool isPhoto,
        Func<SKPoint, float> pressure,
        Random random)
    {
        const float Free = 3 / 28f; // MNIST leaves 4 of 28 pixels free; the pen is half outside of the line
        float box = share * Math.Min(width, height);
        float left = random.Between(-Free * box, width - ((1 - Free) * box));
        float top = random.Between(-Free * box, height - ((1 - Free) * box));
        float paper = isPhoto ? random.Between(0.6f, 0.92f) : random.Between(0.9f, 1);
        var photo = new Photo(width, height, paper, random);
        SKRect place = SKRect.Create(left, top, box, box);
        byte[] ink = stroke.Draw(width, height, place, Math.Max(pen * box, 1.2f), pressure);
        photo.Write(ink, paper * random.Between(0.05f, 0.4f));
        if (isPhoto)
        {
            photo.Roughen(random.Between(0.01f, 0.05f));
            photo.FallOff(random.Between(0.05f, 0.35f));
            photo.AddNoise(random.Between(0.004f, 0.02f));
        }

        return photo;
    }
}
