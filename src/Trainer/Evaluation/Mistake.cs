using System.Numerics.Tensors;
using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer.Evaluation;

/// <summary>An image whose most probable digit is not its label.</summary>
/// <param name="Probabilities">[C].</param>
public sealed record Mistake(int Index, int Label, int Digit, float[] Probabilities)
{
    /// <summary>All mistakes, the surest first.</summary>
    /// <param name="probabilities">[N, C], row by row.</param>
    /// <param name="labels">[N].</param>
    public static List<Mistake> Find(float[] probabilities, byte[] labels) =>
    [
        .. from n in Enumerable.Range(0, labels.Length)
           let p = probabilities[(n * ModelContract.Classes)..((n + 1) * ModelContract.Classes)]
           let digit = TensorPrimitives.IndexOfMax<float>(p)
           where digit != labels[n]
           orderby p[digit] descending
           select new Mistake(n, labels[n], digit, p),
    ];
}
