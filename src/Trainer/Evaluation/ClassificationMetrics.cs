using System.Numerics.Tensors;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Network;

namespace MnistLstm.Trainer.Evaluation;

/// <summary>Measures predictions against labels.</summary>
public static class ClassificationMetrics
{
    /// <summary>Equal-width bins of the expected calibration error (Guo et al., 2017).</summary>
    public const int CalibrationBins = 15;

    /// <summary>97.5 % quantile of the normal distribution.</summary>
    private const double NormalQuantile = 1.959963984540054;

    /// <summary>Least probability whose logarithm is taken: float32's smallest normal number.</summary>
    private const double LeastProbability = 1.17549435e-38;

    /// <param name="probabilities">[N, C], row by row.</param>
    /// <param name="labels">[N].</param>
    public static SplitResult Measure(ReadOnlySpan<float> probabilities, ReadOnlySpan<byte> labels)
    {
        int[][] confusion = [.. Enumerable.Range(0, ModelContract.Classes).Select(_ => new int[ModelContract.Classes])];
        int correct = 0;
        double negativeLogLikelihood = 0;
        for (int n = 0; n < labels.Length; n++)
        {
            ReadOnlySpan<float> p = probabilities.Slice(n * ModelContract.Classes, ModelContract.Classes);
            int digit = TensorPrimitives.IndexOfMax(p);
            confusion[labels[n]][digit]++;
            correct += digit == labels[n] ? 1 : 0;
            negativeLogLikelihood -= Math.Log(Math.Max(p[labels[n]], LeastProbability));
        }

        return new SplitResult(
            Images: labels.Length,
            Correct: correct,
            Accuracy: (double)correct / labels.Length,
            Interval: WilsonInterval(correct, labels.Length),
            NegativeLogLikelihood: negativeLogLikelihood / labels.Length,
            CalibrationError: Bins(probabilities, labels)
            .Sum(bin => Math.Abs(bin.Correct - bin.ConfidenceSum)) / labels.Length,
            Confusion: confusion);
    }

    /// <param name="logits">[N, C], row by row, as they are: temperature 1.</param>
    /// <param name="labels">[N].</param>
    public static SplitResult MeasureLogits(ReadOnlySpan<float> logits, ReadOnlySpan<byte> labels) =>
        Measure(Softmax.Of(logits, temperature: 1), labels);

    /// <summary>Sorts the predictions by their highest probability.</summary>
    /// <param name="probabilities">[N, C], row by row.</param>
    /// <param name="labels">[N].</param>
    /// <returns><see cref="CalibrationBins"/> bins: the first up to 1/15, the last from 14/15.</returns>
    public static CalibrationBin[] Bins(ReadOnlySpan<float> probabilities, ReadOnlySpan<byte> labels)
    {
        var bins = new CalibrationBin[CalibrationBins];
        for (int n = 0; n < labels.Length; n++)
        {
            ReadOnlySpan<float> p = probabilities.Slice(n * ModelContract.Classes, ModelContract.Classes);
            int digit = TensorPrimitives.IndexOfMax(p);
            ref CalibrationBin bin = ref bins[Math.Min((int)(p[digit] * CalibrationBins), CalibrationBins - 1)];
            bin = new CalibrationBin(
                bin.Count + 1, bin.Correct + (digit == labels[n] ? 1 : 0), bin.ConfidenceSum + p[digit]);
        }

        return bins;
    }

    /// <summary>Wilson's 95 % score interval (Wilson, 1927) of a share.</summary>
    /// <returns>[lower end, upper end], within 0 to 1</returns>
    public static double[] WilsonInterval(int correct, int images)
    {
        const double z = NormalQuantile;
        double share = (double)correct / images;
        double center = share + (z * z / (2 * images));
        double reach = z * Math.Sqrt((share * (1 - share) / images) + (z * z / (4.0 * images * images)));
        double scale = 1 + (z * z / images);
        return [Math.Max(0, (center - reach) / scale), Math.Min(1, (center + reach) / scale)];
    }
}
