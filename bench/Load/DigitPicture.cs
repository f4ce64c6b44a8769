using System.Runtime.InteropServices;
using MnistLstm.Shared;
using SkiaSharp;

namespace MnistLstm.Load;

/// <summary>
/// Picture files of an MNIST digit drawn larger, dark ink on light paper. The same call gives the same file.
/// </summary>
internal static class DigitPicture
{
    private const int JpegQuality = 90;

    /// <summary>The noise of a camera's sensor, in gray levels to either side.</summary>
    private const int Noise = 6;

    private static readonly SKColor Ink = new(0x20, 0x20, 0x28);
    private static readonly SKColor LightPaper = new(0xF0, 0xEE, 0xE6);
    private static readonly SKColor ShadedPaper = new(0xC8, 0xC4, 0xB8);

    /// <summary>As a page's canvas is saved: an RGBA PNG file, even paper.</summary>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink.</param>
    /// <param name="side">In pixels.</param>
    public static byte[] Canvas(ReadOnlySpan<byte> digit, int side)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.White);
            Draw(canvas, digit, new SKRect(0, 0, side, side));
        }

        using SKData file = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        return file.ToArray();
    }

    /// <summary>As a camera takes it: a JPEG file, the light uneven, with noise.</summary>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    public static byte[] Photo(ReadOnlySpan<byte> digit, int width, int height)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            using SKShader light = SKShader.CreateLinearGradient(
                new SKPoint(0, 0), new SKPoint(width, height), [LightPaper, ShadedPaper], SKShaderTileMode.Clamp);
            using var paper = new SKPaint { Shader = light };
            canvas.DrawRect(0, 0, width, height, paper);
            int side = Math.Min(width, height);
            Draw(canvas, digit, SKRect.Create((width - side) / 2f, (height - side) / 2f, side, side));
        }

        AddNoise(Pixels(bitmap));
        using SKData file = bitmap.Encode(SKEncodedImageFormat.Jpeg, JpegQuality);
        return file.ToArray();
    }

    /// <summary>Enlarged without steps.</summary>
    private static void Draw(SKCanvas canvas, ReadOnlySpan<byte> digit, SKRect place)
    {
        using var alpha =
            new SKBitmap(new SKImageInfo(RowSequence.Features, RowSequence.TimeSteps, SKColorType.Alpha8,
                SKAlphaType.Premul), RowSequence.Features);
        digit.CopyTo(Pixels(alpha));
        using SKImage image = SKImage.FromBitmap(alpha);
        using var paint = new SKPaint { Color = Ink };
        canvas.DrawImage(image, place, new SKSamplingOptions(SKCubicResampler.Mitchell), paint);
    }

    /// <summary>All channels of a pixel alike.</summary>
    private static void AddNoise(Span<byte> rgba)
    {
        var random = new Random(Seed: 0);
        for (int i = 0; i < rgba.Length; i += 4)
        {
            int noise = random.Next(-Noise, Noise + 1);
            for (int channel = i; channel < i + 3; channel++)
            {
                rgba[channel] = (byte)Math.Clamp(rgba[channel] + noise, byte.MinValue, byte.MaxValue);
            }
        }
    }

    private static Span<byte> Pixels(SKBitmap bitmap)
    {
        ReadOnlySpan<byte> pixels = bitmap.GetPixelSpan();
        return MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(pixels), pixels.Length);
    }
}
