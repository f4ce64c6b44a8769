using SkiaSharp;

namespace MnistLstm.Support.HardPictures;

/// <summary>MNIST's images side by side, as most people make pictures of numbers.</summary>
internal static class PastedSheet
{
    private const int Side = 28;

    /// <summary>From this level on, a pixel is ink.</summary>
    private const byte Ink = 96;

    /// <param name="images">The first ones are used.</param>
    public static Sheet Make(MnistImages mnist, bool isTouchingPair, int images, Random random)
    {
        int count = isTouchingPair ? 2 : random.Next(2, 7);
        int scale = random.Next(1, 5);
        int border = random.Next(0, 16);
        byte[] row = new byte[Side * Side * (count + 1)];
        int width = row.Length / Side;
        List<SheetDigit> digits = [];
        int right = -1; // of the ink so far
        for (int i = 0; i < count; i++)
        {
            int index = random.Next(images);
            ReadOnlySpan<byte> digit = mnist.Pixels(index);
            SKRectI ink = InkBox(digit);
            int x = i == 0 ? random.Next(1, 5) : isTouchingPair
                ? TouchingPlace(row, width, digit, ink.Left, right)
                : right + 1 + random.Next(2, 12);
            for (int y = 0; y < Side; y++)
            {
                for (int column = 0; column < ink.Width; column++)
                {
                    ref byte pixel = ref row[(y * width) + x + column];
                    pixel = Math.Max(pixel, digit[(y * Side) + ink.Left + column]);
                }
            }

            right = x + ink.Width - 1;
            digits.Add(new SheetDigit(
                mnist.Label(index), 0, SKRect.Create((x * scale) + border, (ink.Top * scale)
                    + border, ink.Width * scale, ink.Height * scale)));
        }

        return new Sheet(Draw(row, width, scale, border, isDark: random.Next(2) == 0), digits);
    }

    /// <summary>The farthest place to the right where ink touches ink.</summary>
    private static int TouchingPlace(ReadOnlySpan<byte> row, int width, ReadOnlySpan<byte> digit, int left, int right)
    {
        int x = right + 1;
        while (x > 1 && !Touches(row, width, digit, left, x))
        {
            x--;
        }

        return x;
    }

    private static bool Touches(ReadOnlySpan<byte> row, int width, ReadOnlySpan<byte> digit, int left, int x)
    {
        for (int y = 0; y < Side; y++)
        {
            for (int column = left; column < Side; column++)
            {
                int place = (y * width) + x + column - left;
                if (digit[(y * Side) + column] >= Ink && (row[place] >= Ink || row[place - 1] >= Ink))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static SKRectI InkBox(ReadOnlySpan<byte> digit)
    {
        SKRectI box = SKRectI.Empty;
        for (int i = 0; i < digit.Length; i++)
        {
            if (digit[i] > 0)
            {
                SKRectI pixel = SKRectI.Create(i % Side, i / Side, 1, 1);
                box = box.IsEmpty ? pixel : SKRectI.Union(box, pixel);
            }
        }

        return box;
    }

    private static byte[] Draw(byte[] row, int width, int scale, int border, bool isDark)
    {
        using SKBitmap digits = SKBitmap.Decode(Pictures.GrayPng(row, width, Side));
        using var sheet = new SKBitmap(new SKImageInfo(
            (width * scale) + (2 * border), (Side * scale) + (2 * border), SKColorType.Gray8, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(sheet);
        canvas.Clear(SKColors.Black);
        canvas.DrawBitmap(
            digits, SKRect.Create(border, border, width * scale, Side * scale),
            new SKSamplingOptions(SKCubicResampler.Mitchell));
        byte[] pixels = sheet.GetPixelSpan().ToArray();
        if (isDark)
        {
            foreach (ref byte pixel in pixels.AsSpan())
            {
                pixel = (byte)(255 - pixel);
            }
        }

        return Pictures.GrayPng(pixels, sheet.Width, sheet.Height);
    }
}
