using SkiaSharp;

namespace MnistLstm.Support.HardPictures;

/// <summary>
/// Makes pictures as people take them, from MNIST digits: other pens, paper, light, cameras and file formats.
/// </summary>
public static class HardPicture
{
    /// <summary>The first of MNIST's training images, which no training sees.</summary>
    private const int HeldOut = 5000;

    /// <summary>Which held-out image the picture of this style and number shows.</summary>
    private static int ImageOf(PictureStyle style, int number) => ((number * 31) + ((int)style * 977)) % HeldOut;

    /// <summary>The picture of this style and number.</summary>
    /// <param name="mnist">MNIST's training images; styles of special forms of digits draw them instead.</param>
    /// <returns>Its file, and the digit that it shows.</returns>
    public static (byte[] File, int Label) Make(MnistImages mnist, PictureStyle style, int number)
    {
        if (DrawnDigit.Draws(style))
        {
            var random = new Random(HashCode(number, (int)style));
            (PenStroke stroke, int label) = DrawnDigit.Write(style, random);
            return (NaturalPicture.Make(stroke, style, random), label);
        }

        int index = ImageOf(style, number);
        return (Make(mnist.Pixels(index), style, seed: number), mnist.Label(index));
    }

    /// <summary>A picture file in which somebody wrote the digit.</summary>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink.</param>
    /// <param name="style">The difficulty.</param>
    /// <param name="seed">Decides everything else.</param>
    public static byte[] Make(ReadOnlySpan<byte> digit, PictureStyle style, int seed)
    {
        var random = new Random(HashCode(seed, (int)style));
        return style switch
        {
            PictureStyle.ThinLine => ThinLine(digit, random),
            PictureStyle.SmallOnLarge => SmallOnLarge(digit, random),
            PictureStyle.Transparent => Transparent(digit, random),
            PictureStyle.Tiny => Tiny(digit, random),
            PictureStyle.Turned => Turned(digit, random),
            PictureStyle.CutOut => CutOut(digit, random),
            >= PictureStyle.Surround => NaturalPicture.Make(new PenStroke(digit), style, random),
            _ => OnPaper(digit, style, random),
        };
    }

    private static byte[] OnPaper(ReadOnlySpan<byte> digit, PictureStyle style, Random random)
    {
        bool isDistant = style == PictureStyle.Distant;
        int width = isDistant ? random.Next(900, 1400) : random.Next(200, 900);
        int height = Math.Clamp((int)(width * random.Between(0.75f, 1.33f)), 200, isDistant ? 1400 : 900);
        bool isPhoto = style is PictureStyle.FormBox or PictureStyle.DarkLines
            ? random.Next(2) == 0
            : style is not PictureStyle.Scan and not PictureStyle.Specks;
        (SKRect place, float box) = PlaceOnPaper(width, height, style, random);
        var stroke = new PenStroke(digit);
        float pen = box * PenShare(style, random);
        (SKPoint, float)? gap = style == PictureStyle.Broken
            ? (stroke.PointAt(random.NextSingle()), (pen / box * 28 * 0.5f) + random.Between(0.4f, 1.2f))
            : null;
        byte[] ink = stroke.Draw(width, height, place, Math.Max(pen, 1.2f), gap);

        float paper = style == PictureStyle.Negative ? random.Between(0.5f, 0.8f) : isPhoto
            ? random.Between(0.55f, 0.92f)
            : random.Between(0.88f, 1);
        var photo = new Photo(width, height, paper, random);
        Print(photo, style, place, box, random);
        float darkness = style switch
        {
            PictureStyle.Faint => random.Between(0.12f, 0.3f),
            PictureStyle.Ruled or PictureStyle.Squared or PictureStyle.TableEdge or PictureStyle.DarkLines =>
                random.Between(0.45f, 0.9f),
            _ => random.Between(0.4f, 0.95f),
        };
        photo.Write(ink, paper * (1 - darkness), unevenness: isPhoto ? 0.45f * random.NextSingle() : 0);
        if (style == PictureStyle.Specks)
        {
            photo.Splash(random.Next(10, 60), largest: pen * 0.35f, paper * (1 - darkness));
        }

        if (style == PictureStyle.TableEdge)
        {
            photo.ShowTable(random.Between(0.03f, 0.12f), random.Between(0.05f, 0.5f));
        }

        Light(photo, style, isPhoto, random);
        return Encode(photo, style, isPhoto, pen, random);
    }

    private static (SKRect Place, float Side) PlaceOnPaper(int width, int height, PictureStyle style, Random random)
    {
        float box = Math.Min(width, height) * (style switch
        {
            PictureStyle.TouchingBorder => random.Between(1.25f, 1.38f),
            PictureStyle.Distant => random.Between(0.05f, 0.12f),
            _ => random.Between(0.45f, 1.1f),
        });
        SKRect place = style == PictureStyle.TouchingBorder
            ? SKRect.Create((width - box) / 2, (height - box) / 2, box, box)
            : Place(width, height, box, random);
        if (style == PictureStyle.TouchingBorder)
        {
            // Moves the digit's edge to the border.
            place.Offset(random.Next(2) == 0 ? random.Between(-0.03f, 0.03f) * box : 0,
                random.Between(-0.04f, 0.04f) * box);
        }

        if (style == PictureStyle.FormBox)
        {
            // The box fits its digit, and the picture fits the box.
            box = Math.Min(width, height) * random.Between(0.6f, 0.95f);
            place = SKRect.Create((width - box) / 2, (height - box) / 2, box, box);
        }

        return (place, box);
    }

    /// <returns>Width of the pen, as a share of the digit's box.</returns>
    private static float PenShare(PictureStyle style, Random random) => style switch
    {
        PictureStyle.FeltPen => random.Between(0.10f, 0.15f),
        PictureStyle.Chalk => random.Between(0.03f, 0.08f),
        PictureStyle.Negative or PictureStyle.Distant => random.Between(0.05f, 0.12f),
        PictureStyle.Ruled or PictureStyle.Squared => random.Between(0.018f, 0.06f),
        PictureStyle.Broken or PictureStyle.DarkLines => random.Between(0.03f, 0.07f),
        _ => random.Between(0.014f, 0.09f),
    };

    /// <summary>Prints lines or a box on the paper.</summary>
    private static void Print(Photo photo, PictureStyle style, SKRect place, float box, Random random)
    {
        if (style is PictureStyle.Ruled or PictureStyle.Squared)
        {
            photo.Rule(box * random.Between(0.12f, 0.5f), random.Between(0.08f, 0.32f), style == PictureStyle.Squared);
        }

        if (style == PictureStyle.DarkLines)
        {
            photo.Rule(box * random.Between(0.15f, 0.5f), random.Between(0.3f, 0.7f), isSquared: random.Next(2) == 0);
        }

        if (style == PictureStyle.FormBox)
        {
            photo.PrintBox(SKRect.Inflate(place, -0.03f * box * random.NextSingle(),
                -0.03f * box * random.NextSingle()), random.Between(0.3f, 0.95f));
        }
    }

    /// <summary>Adds grain, uneven light, shadows, reflections and noise.</summary>
    private static void Light(Photo photo, PictureStyle style, bool isPhoto, Random random)
    {
        if (isPhoto)
        {
            photo.Roughen(style == PictureStyle.Faint ? random.Between(0.03f, 0.08f) : random.Between(0.01f, 0.06f));
            photo.FallOff(random.Between(0.05f, style == PictureStyle.Shadow ? 0.6f : 0.4f));
            if (style == PictureStyle.Shadow || random.Next(4) == 0)
            {
                photo.CastShadow(random.Between(0.2f, style == PictureStyle.Shadow ? 0.6f : 0.4f),
                    random.Between(0.03f, 0.6f));
            }
        }

        if (style == PictureStyle.Glare)
        {
            photo.Reflect(random.Between(0.3f, 1), random.Between(0.08f, 0.3f));
        }

        photo.AddNoise(isPhoto ? random.Between(0.004f, 0.025f) : random.Between(0, 0.01f));
        if (style is PictureStyle.Chalk or PictureStyle.Negative)
        {
            photo.Invert();
        }
    }

    private static byte[] Encode(Photo photo, PictureStyle style, bool isPhoto, float pen, Random random)
    {
        bool isColored = style == PictureStyle.Colored;
        SKColor black = isColored
            ? new SKColor(Level(random, 0, 120), Level(random, 0, 120), Level(random, 60, 190))
            : SKColors.Black;
        SKColor white = isColored ? new SKColor(255, Level(random, 215, 255), Level(random, 160, 255)) : SKColors.White;
        float blur = style == PictureStyle.Blurred ? pen * random.Between(0.3f, 0.9f) : isPhoto
            ? pen * 0.3f * random.NextSingle()
            : 0;
        int quality = style == PictureStyle.Blurred ? random.Next(15, 45) : random.Next(50, 95);
        return photo.Encode(black, white, blur,
            isPhoto ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, quality);
    }

    private static byte[] ThinLine(ReadOnlySpan<byte> digit, Random random)
    {
        int side = random.Next(150, 700);
        float box = side * random.Between(0.3f, 0.9f);
        byte[] ink = new PenStroke(digit).Draw(side, side, Place(side, side, box, random), random.Between(1.1f, 2.5f));
        bool isInkLight = random.Next(2) == 0;
        byte[] pixels = [.. ink.Select(share => share >= 100 == isInkLight ? (byte)255 : (byte)0)];
        return Pictures.GrayPng(pixels, side, side);
    }

    private static byte[] SmallOnLarge(ReadOnlySpan<byte> digit, Random random)
    {
        float box = random.Between(40, 160);
        byte[] ink = new PenStroke(digit)
            .Draw(1200, 900, Place(1200, 900, box, random), box * random.Between(0.03f, 0.1f));
        byte[] pixels = random.Next(2) == 0 ? ink : [.. ink.Select(share => (byte)(255 - share))];
        return Pictures.GrayPng(pixels, 1200, 900);
    }

    private static byte[] Transparent(ReadOnlySpan<byte> digit, Random random)
    {
        int side = random.Next(100, 500);
        float box = side * random.Between(0.5f, 1.1f);
        byte[] ink = new PenStroke(digit)
            .Draw(side, side, Place(side, side, box, random), box * random.Between(0.03f, 0.11f));
        byte level = random.Next(2) == 0 ? Level(random, 0, 90) : Level(random, 170, 255);
        return PictureFiles.RgbaPng(side, side, (x, y) => (level, level, level, ink[(y * side) + x]));
    }

    private static byte[] Tiny(ReadOnlySpan<byte> digit, Random random)
    {
        int side = random.Next(12, 25);
        float box = side * random.Between(1, 1.25f);
        byte[] pixels = Pictures.Canvas(
            digit, side, side, Place(side, side, box, random), Level(random, 200, 255), Level(random, 0, 80));
        return Pictures.GrayPng(pixels, side, side);
    }

    private static byte[] CutOut(ReadOnlySpan<byte> digit, Random random)
    {
        const int Visible = 30; // level from which on a pixel of MNIST is ink
        (int left, int top, int right, int bottom) = (28, 28, 0, 0);
        for (int i = 0; i < digit.Length; i++)
        {
            if (digit[i] > Visible)
            {
                (left, top) = (Math.Min(left, i % 28), Math.Min(top, i / 28));
                (right, bottom) = (Math.Max(right, (i % 28) + 1), Math.Max(bottom, (i / 28) + 1));
            }
        }

        float scale = 14 * MathF.Pow(120 / 14f, random.NextSingle()) / (bottom - top);

        // A narrower picture would be little more than the stroke of a 1.
        float width = Math.Max(right - left, 0.4f * (bottom - top));
        float free = (width - (right - left)) / 2;
        byte paper = Level(random, 200, 255);
        byte ink = Level(random, 0, 60);
        bool isInkLight = random.Next(2) == 0;
        int across = (int)MathF.Ceiling(width * scale);
        int down = (int)MathF.Ceiling((bottom - top) * scale);
        byte[] pixels = Pictures.Canvas(
            digit, across, down, SKRect.Create((free - left) * scale, -top * scale, 28 * scale, 28 * scale), isInkLight
                ? ink
                : paper, isInkLight ? paper : ink);
        return Pictures.GrayPng(pixels, across, down);
    }

    private static byte[] Turned(ReadOnlySpan<byte> digit, Random random)
    {
        // Stored a quarter turn anticlockwise; orientation 6 says to turn it clockwise.
        byte[] turned = new byte[28 * 28];
        for (int y = 0; y < 28; y++)
        {
            for (int x = 0; x < 28; x++)
            {
                turned[((27 - x) * 28) + y] = digit[(y * 28) + x];
            }
        }

        return PictureFiles.WithOrientation(OnPaper(turned, PictureStyle.Shadow, random), orientation: 6);
    }

    private static SKRect Place(int width, int height, float box, Random random)
    {
        // MNIST leaves 4 of 28 pixels free on all sides of the digit.
        const float Free = 4 / 28f;
        float left = random.Between(-Free * box, width - ((1 - Free) * box));
        float top = random.Between(-Free * box, height - ((1 - Free) * box));
        return SKRect.Create(left, top, box, box);
    }

    private static byte Level(Random random, int least, int most) => (byte)random.Next(least, most + 1);

    private static int HashCode(int seed, int style) => unchecked((seed * 486187739) + (style * 16777619));
}
