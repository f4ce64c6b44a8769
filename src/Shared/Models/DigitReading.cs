using System.Numerics.Tensors;
using MnistLstm.Shared.Normalization;

namespace MnistLstm.Shared.Models;

/// <summary>The digit in one picture.</summary>
/// <param name="Candidate">The candidate with the most evidence.</param>
/// <param name="Probabilities">[C = 10], sums to 1.</param>
/// <param name="Logits">[C = 10], before temperature.</param>
/// <param name="IsDigit">Whether the picture probably shows exactly one digit.</param>
public sealed record DigitReading(DigitCandidate Candidate, float[] Probabilities, float[] Logits, bool IsDigit)
{
    /// <summary>The most probable digit, 0 to 9.</summary>
    public int Digit => TensorPrimitives.IndexOfMax(Probabilities);
}
