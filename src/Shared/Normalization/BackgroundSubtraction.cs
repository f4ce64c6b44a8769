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

    /// <summary>How much darker each pixel is than paper that is the same all over, in place.</summary>
    public static void FromLevel(GrayImage picture, byte paper)
    {
        TensorPrimitives.Min(picture.Pixels, paper, picture.Pixels);
        TensorPrimitives.Subtract(paper, picture.Pixels, picture.Pixels);
    }

    /// <summary>The share of its background's light that each pixel lacks, in place.</summary>
    /// <remarks>
    /// Light and shadow fall on paper and ink alike. The background is the picture with its narrow strokes filled.
    /// </remarks>
    [MethodImpl(PixelLoop.Compilation)]
    public static void FromBackground(GrayImage picture)
    {
        Smoothing.Binomial(picture);
        int radius = Math.Max(1, (int)(Math.Min(picture.Width, picture.Height) * WidestStroke / 2));
        using GrayImage background = ReflectPadding.Extend(picture, radius);
        Morphology.Close(background, radius);
        Span<uint> factors = stackalloc uint[256];
        for (int level = 0; level < factors.Length; level++)
        {
            factors[level] = (uint)((byte.MaxValue << FactorBits) / Math.Max(level, DarkestPaper));
        }

        for (int y = 0; y < picture.Height; y++)
        {
            ReadOnlySpan<byte> paper = background.Row(y + radius).Slice(radius, picture.Width);
            Span<byte> pixels = picture.Row(y);
            for (int x = 0; x < pixels.Length; x++)
            {
                pixels[x] = (byte)(((uint)(paper[x] - pixels[x]) * factors[paper[x]]) >> FactorBits);
            }
        }
    }
}
