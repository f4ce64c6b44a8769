using MnistLstm.Shared;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Data;

/// <summary>Chosen images and labels of a <see cref="DigitSet"/> as tensors.</summary>
public static class Batch
{
    /// <returns>[B, T, I] intensities</returns>
    public static Tensor Rows(DigitSet digits, ReadOnlySpan<int> indices) => Rows(digits.Choose(indices));

    /// <returns>[B, T, I] intensities of all images.</returns>
    public static Tensor Rows(DigitSet digits)
    {
        var rows = new float[digits.Pixels.Length];
        RowSequence.FromPixels(digits.Pixels, rows);
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
