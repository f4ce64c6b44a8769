using MnistLstm.Api.Models;
using MnistLstm.Api.Predictions;
using SkiaSharp;

namespace MnistLstm.Api.Tests;

/// <summary>A gray picture with digits whose places are known.</summary>
/// <param name="Pixels">[height, width].</param>
internal sealed record DrawnPicture(byte[] Pixels, int Width, int Height)
{
    /// <summary>The built-in sample on even paper.</summary>
    /// <param name="place">Target of its 28x28 pixels.</param>
    public static DrawnPicture Of(int width, int height, SKRect place, byte paper = 255, byte ink = 0) =>
        new(Support.Pictures.Canvas(GoldenSample.Pixels, width, height, place, paper, ink), width, height);

    public byte[] Png => Support.Pictures.GrayPng(Pixels, Width, Height);

    public byte[] Jpeg => Support.Pictures.Encode(Pixels, Width, Height, SKEncodedImageFormat.Jpeg, quality: 90);

    /// <summary>The smallest box around dark ink on white paper.</summary>
    public PictureBox InkBox()
    {
        int[] ink = [.. Enumerable.Range(0, Pixels.Length).Where(i => Pixels[i] < 128)];
        int left = ink.Min(i => i % Width);
        int top = ink.Min(i => i / Width);
        return new PictureBox(left, top, ink.Max(i => i % Width) + 1 - left, ink.Max(i => i / Width) + 1 - top);
    }

    /// <summary>Turned clockwise by a multiple of 90 degrees.</summary>
    public DrawnPicture Turn(int degrees)
    {
        if (degrees == 0)
        {
            return this;
        }

        byte[] turned = new byte[Pixels.Length];
        for (int i = 0; i < turned.Length; i++)
        {
            (int x, int y) = (i % Height, i / Height);
            turned[i] = Pixels[((Height - 1 - x) * Width) + y];
        }

        return new DrawnPicture(turned, Height, Width).Turn(degrees - 90);
    }

    /// <summary>With a surround of another tone on all sides.</summary>
    public DrawnPicture Surround(int border, byte tone)
    {
        int width = Width + (2 * border);
        int height = Height + (2 * border);
        byte[] pixels = new byte[width * height];
        pixels.AsSpan().Fill(tone);
        for (int y = 0; y < Height; y++)
        {
            Pixels.AsSpan(y * Width, Width).CopyTo(pixels.AsSpan(((y + border) * width) + border));
        }

        return new DrawnPicture(pixels, width, height);
    }

    /// <summary>A sheet of this size with a digit alone on it.</summary>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink.</param>
    /// <param name="place">Target of its 28x28 pixels.</param>
    public DrawnPicture With(ReadOnlySpan<byte> digit, SKRect place) =>
        this with { Pixels = Support.Pictures.Canvas(digit, Width, Height, place) };

    /// <summary>The ink of both on one sheet.</summary>
    public DrawnPicture Darken(DrawnPicture other) =>
        this with { Pixels = [.. Pixels.Zip(other.Pixels, Math.Min)] };

    /// <summary>With a black rectangle.</summary>
    public DrawnPicture Fill(int left, int top, int width, int height)
    {
        byte[] pixels = [.. Pixels];
        for (int y = top; y < top + height; y++)
        {
            pixels.AsSpan((y * Width) + left, width).Clear();
        }

        return this with { Pixels = pixels };
    }

    /// <summary>The ink of a digit of 28x28 pixels, 0 = paper.</summary>
    public static PictureBox InkBox(ReadOnlySpan<byte> digit) =>
        new DrawnPicture([.. digit.ToArray().Select(pixel => (byte)(255 - pixel))], 28, 28).InkBox();
}

internal static class PictureBoxAssertions
{
    public static void ShouldBeNear(this PictureBox box, PictureBox expected, int tolerance)
    {
        int[] distances =
        [
            box.X - expected.X,
            box.Y - expected.Y,
            box.X + box.Width - expected.X - expected.Width,
            box.Y + box.Height - expected.Y - expected.Height,
        ];
        distances.ShouldAllBe(distance => Math.Abs(distance) <= tolerance, $"{box}, expected {expected}");
    }
}
