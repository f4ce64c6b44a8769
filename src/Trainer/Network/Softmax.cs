using System.Numerics.Tensors;
using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Network;

public static class Softmax
{
    /// <param name="logits">[N, C], row by row.</param>
    /// <returns>probabilities [N, C]</returns>
    public static float[] Of(ReadOnlySpan<float> logits, double temperature)
    {
        var probabilities = new float[logits.Length];
        TensorPrimitives.Divide(logits, (float)temperature, probabilities);
        for (int first = 0; first < logits.Length; first += ModelContract.Classes)
        {
            Span<float> row = probabilities.AsSpan(first, ModelContract.Classes);
            TensorPrimitives.Subtract(row, TensorPrimitives.Max(row), row);
            TensorPrimitives.SoftMax(row, row);
        }

        return probabilities;
    }
}
