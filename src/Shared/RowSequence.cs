using System.Numerics.Tensors;

namespace MnistLstm.Shared;

/// <summary>
/// A 28x28 digit as the LSTM reads it. Each of T = 28 time steps is one row of the image, from top to bottom. Its
/// I = 28 features are the row's pixels from left to right, as intensities: 0 = paper, 1 = ink.
/// </summary>
public static class RowSequence
{
    /// <summary>T, the rows of the image.</summary>
    public const int TimeSteps = 28;

    /// <summary>I, the pixels of a row.</summary>
    public const int Features = 28;

    /// <summary>Values of one sequence, T x I.</summary>
    public const int Length = TimeSteps * Features;

    /// <summary>The darkest pixel, full ink.</summary>
    public const byte MaxPixel = 255;

    /// <summary>Writes pixels (0..255) as intensities (0..1): pixel / 255.</summary>
    /// <param name="pixels">[T, I] row by row, one or more images.</param>
    /// <param name="rows">[T, I], as long as <paramref name="pixels"/>.</param>
    public static void FromPixels(ReadOnlySpan<byte> pixels, Span<float> rows)
    {
        TensorPrimitives.ConvertTruncating(pixels, rows);
        TensorPrimitives.Divide(rows[..pixels.Length], MaxPixel, rows);
    }
}
