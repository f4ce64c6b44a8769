using MnistLstm.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Optimizers;

/// <summary>Orthogonalizes matrices by Newton-Schulz iterations (Jordan et al., "Muon", 2024).</summary>
internal static class NewtonSchulz
{
    private const int Iterations = 5;

    // Fields, not temporaries: see TensorExtensions.
    private static readonly Scalar LeastNorm = 1e-12f;
    private static readonly Scalar Linear = 3.4445f;
    private static readonly Scalar Cubic = -4.7750f;
    private static readonly Scalar Quintic = 2.0315f;

    /// <summary>Keeps the singular vectors and brings all singular values near 1: rough by design.</summary>
    /// <param name="matrices">[gates, rows, columns], rows at least columns.</param>
    /// <returns>[gates, rows, columns], float32</returns>
    public static Tensor Orthogonalize(Tensor matrices, ScalarType type)
    {
        Tensor norms = matrices.flatten(1).norm(1, true).unsqueeze(2); // [gates, 1, 1]
        Tensor x = (matrices / norms.Plus(LeastNorm)).to(type).transpose(1, 2); // the smaller side first
        for (int i = 0; i < Iterations; i++)
        {
            Tensor gram = x.bmm(x.transpose(1, 2));
            x = (x * Linear).Plus((gram * Cubic).Plus(gram.bmm(gram) * Quintic).bmm(x));
        }

        return x.transpose(1, 2).to(ScalarType.Float32);
    }
}
