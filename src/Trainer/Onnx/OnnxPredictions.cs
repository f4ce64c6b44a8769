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

    /// <exception cref="OperationCanceledException">The work was stopped between two batches.</exception>
    public static OnnxPredictions Of(
        DigitClassifier classifier, DigitSet digits, CancellationToken cancellation = default)
    {
        var predictions = new OnnxPredictions(
            new float[digits.Count * ModelContract.Classes], new float[digits.Count * ModelContract.Classes]);
        using ClassifierBatch batch = classifier.CreateBatch(BatchSize);
        for (int first = 0; first < digits.Count; first += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(BatchSize, digits.Count - first);
            for (int n = 0; n < count; n++)
            {
                RowSequence.FromPixels(digits.Image(first + n), batch.Rows(n));
            }

            batch.Run(count);
            for (int n = 0; n < count; n++)
            {
                batch.Probabilities(n).CopyTo(predictions.Probabilities.AsSpan((first + n) * ModelContract.Classes));
                batch.Logits(n).CopyTo(predictions.Logits.AsSpan((first + n) * ModelContract.Classes));
            }
        }

        return predictions;
    }
}
