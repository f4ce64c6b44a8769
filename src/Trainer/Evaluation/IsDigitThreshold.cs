using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Evaluation;

/// <summary>Chooses the least evidence at which a picture is believed to show one digit.</summary>
public static class IsDigitThreshold
{
    /// <summary>Largest share of held-out digits as written that may fall below the threshold.</summary>
    public const double DigitsRefused = 0.005;

    /// <summary>Largest share of their picture-like views.</summary>
    public const double PicturesRefused = 0.035;

    /// <param name="digits">Logits [N, C], row by row, of digits that were not trained on.</param>
    /// <param name="pictures">The same of views as from photos and sketches.</param>
    /// <returns>Nats, see <see cref="EnergyScore"/>: the most that keeps to both shares.</returns>
    public static double Choose(ReadOnlySpan<float> digits, ReadOnlySpan<float> pictures) =>
        Math.Min(Quantile(Evidence(digits), DigitsRefused), Quantile(Evidence(pictures), PicturesRefused));

    /// <param name="logits">[N, C], row by row.</param>
    /// <returns>[N], nats, see <see cref="EnergyScore"/>.</returns>
    public static float[] Evidence(ReadOnlySpan<float> logits)
    {
        var evidence = new float[logits.Length / ModelContract.Classes];
        for (int n = 0; n < evidence.Length; n++)
        {
            evidence[n] = EnergyScore.FromLogits(logits.Slice(n * ModelContract.Classes, ModelContract.Classes));
        }

        return evidence;
    }

    private static double Quantile(float[] values, double share)
    {
        Array.Sort(values);
        return values[(int)(share * values.Length)];
    }
}
