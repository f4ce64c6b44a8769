using MnistLstm.Shared;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.Tests;

/// <summary>Pictures that a small network learns in a few steps, made on the spot.</summary>
internal static class TestDigits
{
    /// <summary>A bar across; the label is its height.</summary>
    /// <param name="count">How many.</param>
    /// <param name="stream">Other streams, other bars.</param>
    public static DigitSet Bars(int count, int stream)
    {
        const int Width = 12;
        const int Start = 4;
        const int Slack = 6;
        var random = new CounterRandom(0, stream);
        var labels = new byte[count];
        var pixels = new byte[count * RowSequence.Length];
        for (int n = 0; n < count; n++)
        {
            labels[n] = (byte)random.NextInt(10);
            int row = Start + (2 * labels[n]);
            int left = Start + random.NextInt(Slack);
            pixels.AsSpan((n * RowSequence.Length) + (row * RowSequence.Features) + left, Width)
                .Fill(RowSequence.MaxPixel);
        }

        return new DigitSet(pixels, labels);
    }

    /// <summary>Every pixel by chance.</summary>
    public static DigitSet Noise(int count)
    {
        var random = new Random(count);
        var pixels = new byte[count * RowSequence.Length];
        random.NextBytes(pixels);
        return new DigitSet(pixels, new byte[count]);
    }

    /// <summary>The first images of MNIST's test split.</summary>
    public static DigitSet Mnist(int count)
    {
        MnistImages images = MnistImages.Test();
        var digits = new DigitSet(new byte[count * RowSequence.Length], new byte[count]);
        for (int n = 0; n < count; n++)
        {
            images.Pixels(n).CopyTo(digits.Pixels.AsSpan(n * RowSequence.Length));
            digits.Labels[n] = (byte)images.Label(n);
        }

        return digits;
    }
}
