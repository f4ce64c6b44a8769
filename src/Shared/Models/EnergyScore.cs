using System.Numerics.Tensors;

namespace MnistLstm.Shared.Models;

/// <summary>
/// The network's evidence for any digit in a picture: the negative free energy ln Σ exp(logit). It is from Liu et al.,
/// "Energy-based Out-of-distribution Detection", 2020 (arXiv:2010.03759), equation 4 at temperature 1.
/// </summary>
public static class EnergyScore
{
    /// <param name="logits">[C = 10], before temperature.</param>
    /// <returns>Evidence in nats. At or above the model's threshold, the picture probably shows one digit.</returns>
    public static float FromLogits(ReadOnlySpan<float> logits)
    {
        float max = TensorPrimitives.Max(logits);
        float sum = 0;
        foreach (float logit in logits)
        {
            sum += MathF.Exp(logit - max);
        }

        return max + MathF.Log(sum);
    }
}
