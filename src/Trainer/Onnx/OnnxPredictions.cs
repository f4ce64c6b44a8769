using System.Numerics.Tensors;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.Onnx;

/// <summary>The answers of a model file, computed as the service computes them.</summary>
/// <param name="Probabilities">[N, C], row by row.</param>
/// <param name="Logits">[N, C], row by row.</param>
public sealed record OnnxPredictions(float[] Probabilities, float[] Logits)
{
    private const int BatchSize = 32;

    /// <summary>[C] of image <paramref name="n"/>, before temperature and softmax.</summary>
    public ReadOnlySpan<float> LogitsOf(int n) => Logits.AsSpan(n * ModelContract.Classes, ModelContract.Classes);

    /// <summary>The most probable digit of image <paramref name="n"/>, and its probability.</summary>
    public (int Digit, float Probability) DigitOf(int n)
    {
        ReadOnlySpan<float> p = Probabilities.AsSpan(n * ModelContract.Classes, ModelContract.Classes);
        int digit = TensorPrimitives.IndexOfMax(p);
        return (digit, p[digit]);
    }

    public static OnnxPredictions Of(
        DigitClassifier classifier, DigitSet digits, CancellationToken cancellation = default)
    {
        var predictions = new OnnxPredictions(
            new float[digits.Count * ModelContract.Classes], new float[digits.Count * ModelContract.Classes]);
        int batches = (digits.Count + BatchSize - 1) / BatchSize;
        Parallel.For(
            0,
            batches,
            new ParallelOptions { CancellationToken = cancellation },
            () => classifier.CreateBatch(BatchSize),
            (b, _, batch) =>
            {
                predictions.Compute(batch, digits, b * BatchSize);
                return batch;
            },
            batch => batch.Dispose());
        return predictions;
    }

    private void Compute(ClassifierBatch batch, DigitSet digits, int first)
    {
        int count = Math.Min(BatchSize, digits.Count - first);
        for (int n = 0; n < count; n++)
        {
            RowSequence.FromPixels(digits.Image(first + n), batch.Rows(n));
        }

        batch.Run(count);
        for (int n = 0; n < count; n++)
        {
            batch.Probabilities(n).CopyTo(Probabilities.AsSpan((first + n) * ModelContract.Classes));
            batch.Logits(n).CopyTo(Logits.AsSpan((first + n) * ModelContract.Classes));
        }
    }
}
