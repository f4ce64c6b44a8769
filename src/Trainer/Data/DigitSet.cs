using MnistLstm.Shared;

namespace MnistLstm.Trainer.Data;

/// <summary>Labeled 28x28 images.</summary>
/// <param name="Pixels">[count, 28, 28], 0 = paper, 255 = ink.</param>
/// <param name="Labels">[count], 0 to 9.</param>
public sealed record DigitSet(byte[] Pixels, byte[] Labels)
{
    public int Count => Labels.Length;

    /// <summary>[28, 28], row by row.</summary>
    public ReadOnlySpan<byte> Image(int index) => Pixels.AsSpan(index * RowSequence.Length, RowSequence.Length);

    public DigitSet Append(DigitSet other) => new([.. Pixels, .. other.Pixels], [.. Labels, .. other.Labels]);

    /// <summary>Every second image, from the first or from the second on.</summary>
    public DigitSet Half(int first) => Choose([.. Enumerable.Range(0, Count).Where(n => n % 2 == first)]);

    /// <summary>Images <paramref name="from"/> to <paramref name="to"/> − 1.</summary>
    public DigitSet Slice(int from, int to) =>
        new(Pixels[(from * RowSequence.Length)..(to * RowSequence.Length)], Labels[from..to]);

    /// <summary>Images in the order of their indices.</summary>
    public DigitSet Choose(ReadOnlySpan<int> indices)
    {
        var pixels = new byte[indices.Length * RowSequence.Length];
        var labels = new byte[indices.Length];
        for (int n = 0; n < indices.Length; n++)
        {
            Image(indices[n]).CopyTo(pixels.AsSpan(n * RowSequence.Length));
            labels[n] = Labels[indices[n]];
        }

        return new DigitSet(pixels, labels);
    }
}
