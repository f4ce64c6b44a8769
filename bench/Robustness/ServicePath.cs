using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Bench.Robustness;

/// <summary>
/// The service's answers for decoded pictures, by the candidate that <see cref="DigitReader"/> chooses.
/// </summary>
/// <param name="Predictions">The prediction for each picture; meaningless for a blank one.</param>
/// <param name="Energy">[N], nats, see <see cref="DigitReader.Belief"/>; negative infinity for a picture
/// without ink.</param>
/// <param name="IsDigit">[N].</param>
internal sealed record ServicePath(OnnxPredictions Predictions, float[] Energy, bool[] IsDigit)
{
    public double ShareRefused => (double)IsDigit.Count(isDigit => !isDigit) / IsDigit.Length;

    /// <param name="classifier">The model.</param>
    /// <param name="pictures">Pictures of any size.</param>
    public static ServicePath Read(DigitClassifier classifier, IEnumerable<GrayImage> pictures)
    {
        using ClassifierBatch batch = classifier.CreateBatch(DigitReader.MaxCandidates);
        List<DigitReading?> readings =
            [.. pictures.Select(picture => DigitReader.Read(DigitNormalizer.Propose(picture), batch, classifier.Card))];
        float[] none = new float[ModelContract.Classes];
        return new ServicePath(
            new OnnxPredictions(
                [.. readings.SelectMany(reading => reading?.Probabilities ?? none)],
                [.. readings.SelectMany(reading => reading?.Logits ?? none)]),
            [
                .. readings.Select(reading => reading is null
                    ? float.NegativeInfinity
                    : DigitReader.Belief(reading.Candidate, reading.Logits)),
            ],
            [.. readings.Select(reading => reading?.IsDigit == true)]);
    }

    /// <summary>Reads 28x28 images, light ink on dark paper.</summary>
    public static ServicePath Read(DigitClassifier classifier, DigitSet images) =>
        Read(classifier, Pictures(images));

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
