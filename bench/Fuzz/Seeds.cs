using MnistLstm.Support;
using SkiaSharp;

namespace MnistLstm.Fuzz;

/// <summary>Small files of every format and of every kind that a decoder of ours or the library treats in its own way.</summary>
internal static class Seeds
{
    private const int Width = 20;
    private const int Height = 16;

    /// <summary>Long enough that the decoder of large photos takes it.</summary>
    private const int PhotoSide = 520;

    public static IEnumerable<(string Name, byte[] File)> All()
    {
        byte[] gray = Digit(Width, Height);
        byte[] photo = Digit(PhotoSide, 40);
        yield return ("gray.png", Pictures.GrayPng(gray, Width, Height));
        yield return ("mnist.png", Pictures.GrayPng(Digit(28, 28, paper: 0, ink: 255), 28, 28));
        yield return ("rgb.png", PictureFiles.Png(Width, Height, bitDepth: 8, colorType: 2, PictureFiles.Rows(Width, Height, (x, y) => [(byte)(x * 9), gray[(y * Width) + x], (byte)(y * 9)])));
        yield return ("rgba.png", PictureFiles.RgbaPng(Width, Height, (x, y) => ((byte)(x * 9), gray[(y * Width) + x], 9, (byte)(x * 12))));
        yield return ("palette.png", PictureFiles.Png(8, 4, bitDepth: 4, colorType: 3, PictureFiles.Rows(4, 4, (x, y) => [(byte)((x * 16) + y)]), ("PLTE", [.. Enumerable.Range(0, 48).Select(i => (byte)(5 * i))])));
        yield return ("text.png", PictureFiles.Png(Width, Height, bitDepth: 8, colorType: 0, PictureFiles.Rows(Width, Height, (x, y) => [gray[(y * Width) + x]]), ("tEXt", "a"u8.ToArray())));
        yield return ("gray.jpg", Pictures.Encode(gray, Width, Height, SKEncodedImageFormat.Jpeg, quality: 80));
        yield return ("photo.jpg", Pictures.Encode(photo, PhotoSide, 40, SKEncodedImageFormat.Jpeg, quality: 50));
        yield return ("turned.jpg", PictureFiles.WithOrientation(Pictures.Encode(gray, Width, Height, SKEncodedImageFormat.Jpeg, quality: 80), orientation: 6));
        yield return ("cmyk.jpg", PictureFiles.CmykJpeg(3, 2, (x, y) => (0, 0, 0, (byte)(x == 1 ? 255 : 0))));
        yield return ("gray.webp", Pictures.Encode(gray, Width, Height, SKEncodedImageFormat.Webp, quality: 80));
        yield return ("lossless.webp", Pictures.Encode(gray, Width, Height, SKEncodedImageFormat.Webp, quality: 100));
        yield return ("bottom-up.bmp", PictureFiles.Bmp(9, 7, (x, y) => (255, (byte)(x * 20), (byte)(y * 20))));
        yield return ("top-down.bmp", PictureFiles.Bmp(9, 7, (x, y) => (255, (byte)(x * 20), (byte)(y * 20)), topDown: true));
        yield return ("one.gif", PictureFiles.Gif(12, 10, [.. Enumerable.Range(0, 120).Select(i => (byte)i)]));
        yield return ("two.gif", PictureFiles.Gif(6, 5, [.. Enumerable.Range(0, 30).Select(i => (byte)i)], new byte[30]));
    }

    /// <summary>A thick upright line on paper.</summary>
    private static byte[] Digit(int width, int height, byte paper = 240, byte ink = 20)
    {
        byte[] pixels = new byte[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i % width;
            int y = i / width;
            pixels[i] = x > width * 0.4 && x < width * 0.6 && y > height / 5 && y < height * 4 / 5 ? ink : paper;
        }

        return pixels;
    }
}
