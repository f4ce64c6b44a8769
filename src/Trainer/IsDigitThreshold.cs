using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer;

/// <summary>Chooses the least evidence at which a picture is believed to show one digit.</summary>
public static class IsDigitThreshold
{
    /// <summary>Share of held-out digits that fall below the threshold.</summary>
    public const double FalseAlarms = 0.01;

    /// <param name="logits">[N, C], row by row, of images that were not trained on.</param>
    /// <returns>Nats, see <see cref="DigitEvidence"/>.</returns>
    public static double Choose(ReadOnlySpan<float> logits)
    {
        var evidence = new float[logits.Length / ModelContract.Classes];
        for (int n = 0; n < evidence.Length; n++)
        {
            evidence[n] = DigitEvidence.FromLogits(logits.Slice(n * ModelContract.Classes, ModelContract.Classes));
        }

        Array.Sort(evidence);
        return evidence[(int)(FalseAlarms * evidence.Length)];
    }
}
