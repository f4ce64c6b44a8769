using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Network;

/// <summary>
/// Sums and squares of tensors, gradients as one vector, state in files. libtorch multiplies the second term by a
/// number. TorchSharp's own + makes a 1 for it that nothing refers to, so the garbage collector may free it while
/// libtorch reads it. Once in some millions of sums, that ends the program. Its square() does the same with the
/// exponent.
/// </summary>
internal static class TensorExtensions
{
    private static readonly Scalar One = 1;
    private static readonly Scalar Two = 2;

    public static Tensor Plus(this Tensor tensor, Tensor other) => tensor.add(other, One);

    public static Tensor Plus(this Tensor tensor, Scalar number) => tensor.add(number, One);

    public static Tensor AddInPlace(this Tensor tensor, Tensor other) => tensor.add_(other, One);

    public static Tensor AddInPlace(this Tensor tensor, Scalar number) => tensor.add_(number, One);

    public static Tensor Square(this Tensor tensor) => tensor.pow(Two);

    /// <summary>The parameters' gradients, one after another.</summary>
    /// <returns>[P], float32</returns>
    public static Tensor FlatGradient(this IReadOnlyList<Tensor> parameters) =>
        cat([.. parameters.Select(p => p.grad!.to(ScalarType.Float32).flatten())]);

    /// <summary>Forgets the gradients of the step before.</summary>
    public static void ZeroGradients(this IReadOnlyList<Tensor> parameters)
    {
        foreach (Tensor parameter in parameters)
        {
            parameter.grad?.zero_();
        }
    }

    public static void Save(this IReadOnlyList<Tensor> state, BinaryWriter writer)
    {
        foreach (Tensor tensor in state)
        {
            writer.Write(tensor.bytes);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static void Load(this IReadOnlyList<Tensor> state, BinaryReader reader)
    {
        foreach (Tensor tensor in state)
        {
            tensor.bytes = reader.ReadBytes((int)tensor.numel() * sizeof(float));
        }
    }
}
