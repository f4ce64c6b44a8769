using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Bench.Robustness;

/// <summary>What the service answers about decoded pictures, after <see cref="DigitNormalizer"/>.</summary>
/// <param name="Predictions">Of each picture; meaningless for a blank one.</param>
/// <param name="Energy">[N], nats; negative infinity for a picture without ink.</param>
/// <param name="IsDigit">[N].</param>
internal sealed record ServicePath(OnnxPredictions Predictions, float[] Energy, bool[] IsDigit)
{
    public double ShareRefused => (double)IsDigit.Count(isDigit => !isDigit) / IsDigit.Length;

    /// <param name="classifier">The model.</param>
    /// <param name="pictures">Pictures of any size.</param>
    /// <param name="labels">[N]; any where there are none.</param>
    public static ServicePath Read(DigitClassifier classifier, IEnumerable<GrayImage> pictures, byte[] labels)
    {
        var digits = new DigitSet(new byte[labels.Length * RowSequence.Length], labels);
        var normalized = new NormalizedDigit[labels.Length];
        int count = 0;
        foreach (GrayImage picture in pictures)
        {
            normalized[count] = DigitNormalizer.Normalize(
                picture, digits.Pixels.AsSpan(count * RowSequence.Length, RowSequence.Length));
            count++;
        }

        OnnxPredictions predictions = OnnxPredictions.Of(classifier, digits);
        float[] energy = IsDigitThreshold.Evidence(predictions.Logits);
        var isDigit = new bool[labels.Length];
        for (int n = 0; n < labels.Length; n++)
        {
            bool hasInk = normalized[n].HasInk;
            isDigit[n] = hasInk && classifier.Card.IsDigit(predictions.LogitsOf(n), normalized[n].IsAlone);
            energy[n] = hasInk ? energy[n] : float.NegativeInfinity;
        }

        return new ServicePath(predictions, energy, isDigit);
    }

    /// <summary>Reads 28x28 images, light ink on dark paper.</summary>
    public static ServicePath Read(DigitClassifier classifier, DigitSet images) =>
        Read(classifier, Pictures(images), images.Labels);

    private static IEnumerable<GrayImage> Pictures(DigitSet images)
    {
        using var picture = new GrayImage(RowSequence.Features, RowSequence.TimeSteps);
        for (int n = 0; n < images.Count; n++)
        {
            images.Image(n).CopyTo(picture.Pixels);
            yield return picture;
        }
    }
}
