using MnistLstm.Shared;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Data;

/// <summary>Chosen images and labels of a <see cref="DigitSet"/> as tensors.</summary>
public static class Batch
{
    /// <returns>[B, T, I] intensities</returns>
    public static Tensor Rows(DigitSet digits, ReadOnlySpan<int> indices)
    {
        var rows = new float[indices.Length * RowSequence.Length];
        for (int b = 0; b < indices.Length; b++)
        {
            RowSequence.FromPixels(digits.Image(indices[b]), rows.AsSpan(b * RowSequence.Length, RowSequence.Length));
        }

        return Rows(rows);
    }

    /// <param name="rows">[B * T * I] intensities.</param>
    /// <returns>[B, T, I]</returns>
    public static Tensor Rows(float[] rows) =>
        tensor(rows, [rows.Length / RowSequence.Length, RowSequence.TimeSteps, RowSequence.Features]);

    /// <returns>[B], int64</returns>
    public static Tensor Labels(DigitSet digits, ReadOnlySpan<int> indices)
    {
        var labels = new long[indices.Length];
        for (int b = 0; b < indices.Length; b++)
        {
            labels[b] = digits.Labels[indices[b]];
        }

        return tensor(labels);
    }
}
