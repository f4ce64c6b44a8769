using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Evaluation;

/// <summary>
/// One number that divides all logits so that probabilities mean what they say (Guo et al., "On Calibration of Modern
/// Neural Networks", 2017, section 4.2).
/// </summary>
public static class Temperature
{
    private const double Least = 0.05;
    private const double Most = 20;

    /// <summary>Relative width at which the search ends; far below what changes a probability's fourth digit.</summary>
    private const double Precision = 1e-6;

    /// <summary>The temperature of the least negative log-likelihood, by golden section on its logarithm.</summary>
    /// <param name="logits">[N, C], row by row, of images that were not trained on.</param>
    /// <param name="labels">[N].</param>
    public static double Fit(ReadOnlySpan<float> logits, ReadOnlySpan<byte> labels)
    {
        double ratio = (Math.Sqrt(5) - 1) / 2;
        double low = Math.Log(Least);
        double high = Math.Log(Most);
        while (high - low > Precision)
        {
            double left = high - (ratio * (high - low));
            double right = low + (ratio * (high - low));
            if (NegativeLogLikelihood(logits, labels, Math.Exp(left)) < NegativeLogLikelihood(logits, labels,
                Math.Exp(right)))
            {
                high = right;
            }
            else
            {
                low = left;
            }
        }

        return Math.Exp((low + high) / 2);
    }

    private static double NegativeLogLikelihood(
        ReadOnlySpan<float> logits, ReadOnlySpan<byte> labels, double temperature)
    {
        double total = 0;
        for (int n = 0; n < labels.Length; n++)
        {
            ReadOnlySpan<float> x = logits.Slice(n * ModelContract.Classes, ModelContract.Classes);
            double label = x[labels[n]];
            double sum = 0;
            foreach (float logit in x)
            {
                sum += Math.Exp((logit - label) / temperature);
            }

            total += Math.Log(sum);
        }

        return total / labels.Length;
    }
}
