using System.Runtime.InteropServices;
using SkiaSharp;

namespace MnistLstm.Support;

/// <summary>Picture files made for tests.</summary>
public static class Pictures
{
    /// <summary>A greyscale PNG file of the pixels, [height, width] row by row.</summary>
    public static byte[] GrayPng(ReadOnlySpan<byte> pixels, int width, int height) =>
        Encode(pixels, width, height, SKEncodedImageFormat.Png, quality: 100);

    public static byte[] Encode(
        ReadOnlySpan<byte> grayPixels, int width, int height, SKEncodedImageFormat format, int quality)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        grayPixels.CopyTo(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bitmap.GetPixelSpan()), width * height));
        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }
}
