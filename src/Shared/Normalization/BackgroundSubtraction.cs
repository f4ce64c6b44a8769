using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Turns gray levels into ink: how much each pixel differs from the paper around it, 0 to 255.</summary>
internal static class BackgroundSubtraction
{
    /// <summary>A pen stroke is narrower than this share of a photo's shorter side.</summary>
    private const double WidestStroke = 0.25;

    /// <summary>Shares of less light than this are not measured finer, for they are mostly noise.</summary>
    private const int DarkestPaper = 40;

    private const int FactorBits = 16;

    /// <summary>The difference from paper that is the same all over.</summary>
    public static GrayImage FromLevel(GrayImage picture, int paper, bool isInkLight)
    {
        var contrast = new GrayImage(picture.Width, picture.Height);
        byte level = (byte)paper;
        if (isInkLight)
        {
            TensorPrimitives.Max(picture.Pixels, level, contrast.Pixels);
            TensorPrimitives.Subtract(contrast.Pixels, level, contrast.Pixels);
        }
        else
        {
            TensorPrimitives.Min(picture.Pixels, level, contrast.Pixels);
            TensorPrimitives.Subtract(level, contrast.Pixels, contrast.Pixels);
        }

        return contrast;
    }

    /// <summary>
    /// The share of the background's light that each pixel lacks: light and shadow fall on paper and ink alike. The
    /// background is the picture with its narrow strokes filled.
    /// </summary>
    [MethodImpl(PixelLoop.Compilation)]
    public static GrayImage FromBackground(GrayImage photo, bool isInkLight)
    {
        GrayImage contrast = photo.Copy();
        if (isInkLight)
        {
            PixelStatistics.Invert(contrast.Pixels);
        }

        Smoothing.Binomial(contrast);
        int radius = Math.Max(1, (int)(Math.Min(photo.Width, photo.Height) * WidestStroke / 2));
        using GrayImage background = ReflectPadding.Extend(contrast, radius);
        Morphology.Close(background, radius);
        Span<uint> factors = stackalloc uint[256];
        for (int level = 0; level < factors.Length; level++)
        {
            factors[level] = (uint)((byte.MaxValue << FactorBits) / Math.Max(level, DarkestPaper));
        }

        for (int y = 0; y < contrast.Height; y++)
        {
            ReadOnlySpan<byte> paper = background.Row(y + radius).Slice(radius, contrast.Width);
            Span<byte> pixels = contrast.Row(y);
            for (int x = 0; x < pixels.Length; x++)
            {
                pixels[x] = (byte)(((uint)(paper[x] - pixels[x]) * factors[paper[x]]) >> FactorBits);
            }
        }

        return contrast;
    }
}
