using System.Runtime.Intrinsics;
using MnistLstm.Shared.Filters;

namespace MnistLstm.Shared.Decoding;

/// <summary>Chooses the paper behind the transparent parts of a picture.</summary>
internal static class Paper
{
    /// <summary>
    /// If most of the picture is transparent, its visible part is the ink: the paper is black under light ink, white
    /// under dark ink. If most is opaque, its visible part is mainly paper, and the transparent rest becomes like it.
    /// </summary>
    /// <param name="pixels">Pixels premultiplied by alpha; composited over the paper afterwards.</param>
    /// <param name="alpha">The alpha channel, as long as <paramref name="pixels"/>, 255 = opaque.</param>
    public static void CompositeOverBackground(Span<byte> pixels, ReadOnlySpan<byte> alpha)
    {
        long visible = PixelStatistics.Sum(alpha);
        bool isMostlyTransparent = 2 * visible < 255L * pixels.Length;
        bool isVisiblyLight = 2 * PixelStatistics.Sum(pixels) > visible;
        bool isPaperWhite = isMostlyTransparent ? !isVisiblyLight : isVisiblyLight;
        if (isPaperWhite)
        {
            LayWhite(pixels, alpha);
        }
    }

    private static void LayWhite(Span<byte> pixels, ReadOnlySpan<byte> alpha)
    {
        // A premultiplied pixel is at most its alpha, but averages may round one higher.
        int i = 0;
        for (; i <= pixels.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            Vector256<byte> pixel = Vector256.Create<byte>(pixels[i..]);
            (pixel + Vector256.Min(~Vector256.Create(alpha[i..]), ~pixel)).CopyTo(pixels[i..]);
        }

        for (; i < pixels.Length; i++)
        {
            pixels[i] = (byte)Math.Min(pixels[i] + 255 - alpha[i], 255);
        }
    }
}
