using MnistLstm.Shared;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.Tests.OutOfDistribution;

/// <summary>Images that a tiny network can learn: the label is the height of a bar.</summary>
internal static class BarDigits
{
    public static DigitSet Make(int count, int stream)
    {
        var random = new CounterRandom(0, stream);
        var labels = new byte[count];
        var pixels = new byte[count * RowSequence.Length];
        for (int n = 0; n < count; n++)
        {
            labels[n] = (byte)(n % 10);
            int row = 4 + (2 * labels[n]);
            pixels.AsSpan((n * RowSequence.Length) + (row * RowSequence.Features) + 4 + random.NextInt(6), 12)
                .Fill(RowSequence.MaxPixel);
        }

        return new DigitSet(pixels, labels);
    }
}
