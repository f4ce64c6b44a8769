using System.Runtime.InteropServices;
using SkiaSharp;

namespace MnistLstm.Support;

/// <summary>Picture files made for tests.</summary>
public static class Pictures
{
    /// <summary>A grayscale PNG file of the pixels, [height, width] row by row.</summary>
    public static byte[] GrayPng(ReadOnlySpan<byte> pixels, int width, int height) =>
        Encode(pixels, width, height, SKEncodedImageFormat.Png, quality: 100);

    /// <summary>A digit drawn, enlarged without steps, onto even paper.</summary>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink, as MNIST has it.</param>
    /// <param name="place">Target of the 28x28 pixels, in pixels of the canvas.</param>
    /// <returns>[height, width], gray.</returns>
    public static byte[] Canvas(
        ReadOnlySpan<byte> digit, int width, int height, SKRect place, byte paper = 255, byte ink = 0)
    {
        using SKBitmap alpha = Bitmap(digit, 28, 28, SKColorType.Alpha8);
        using SKImage image = SKImage.FromBitmap(alpha);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = new SKColor(ink, ink, ink) };
        canvas.Clear(new SKColor(paper, paper, paper));
        canvas.DrawImage(image, place, new SKSamplingOptions(SKCubicResampler.Mitchell), paint);
        return bitmap.GetPixelSpan().ToArray();
    }

    public static byte[] Encode(
        ReadOnlySpan<byte> grayPixels, int width, int height, SKEncodedImageFormat format, int quality)
    {
        using SKBitmap bitmap = Bitmap(grayPixels, width, height, SKColorType.Gray8);
        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    /// <summary>A picture file of opaque colors.</summary>
    public static byte[] EncodeColors(
        int width, int height, Func<int, int, (byte R, byte G, byte B)> pixel, SKEncodedImageFormat format, int quality)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int i = 0; i < width * height; i++)
        {
            (byte r, byte g, byte b) = pixel(i % width, i / width);
            bitmap.SetPixel(i % width, i / width, new SKColor(r, g, b));
        }

        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    private static SKBitmap Bitmap(ReadOnlySpan<byte> pixels, int width, int height, SKColorType type)
    {
        var alphaType = type == SKColorType.Alpha8 ? SKAlphaType.Premul : SKAlphaType.Opaque;
        var bitmap = new SKBitmap(new SKImageInfo(width, height, type, alphaType), width);
        pixels.CopyTo(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bitmap.GetPixelSpan()), width * height));
        return bitmap;
    }
}
