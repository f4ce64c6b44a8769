using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Network;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Tests.Network;

/// <summary>
/// The LSTM as docs/model.md writes it, number by number in double precision: what TorchSharp is compared with.
/// </summary>
/// <param name="Input">The gate for how much of the new goes in.</param>
/// <param name="Forget">The gate for how much of the old stays.</param>
/// <param name="Cell">The new.</param>
/// <param name="Output">The gate for how much is shown.</param>
/// <param name="V">[C, H]</param>
/// <param name="D">[C]</param>
internal sealed record LstmEquations(
    LstmEquations.Gate Input, LstmEquations.Gate Forget, LstmEquations.Gate Cell, LstmEquations.Gate Output,
    double[][] V, double[] D)
{
    /// <param name="W">[H, I]</param>
    /// <param name="U">[H, H]</param>
    /// <param name="B">[H]</param>
    internal sealed record Gate(double[][] W, double[][] U, double[] B)
    {
        /// <returns>W x + U h + b, [H]</returns>
        public double[] Sum(double[] x, double[] h) => [.. B.Select((b, k) => Dot(W[k], x) + Dot(U[k], h) + b)];
    }

    /// <summary>Takes a network's weights, whose gates are in PyTorch's order i f g o.</summary>
    public static LstmEquations Of(LstmClassifier network)
    {
        int hidden = network.HiddenSize;
        double[][] w = Matrix(network.InputWeights);
        double[][] u = Matrix(network.RecurrentWeights);
        double[] b = [.. Vector(network.InputBias).Zip(Vector(network.RecurrentBias), (one, other) => one + other)];
        Gate At(int place)
        {
            Range rows = (place * hidden)..((place + 1) * hidden);
            return new Gate(w[rows], u[rows], b[rows]);
        }

        return new LstmEquations(At(0), At(1), At(2), At(3), Matrix(network.OutputWeights), Vector(network.OutputBias));
    }

    /// <param name="pixels">[T, I], 0 to 255.</param>
    /// <returns>[C]</returns>
    public double[] Logits(ReadOnlySpan<byte> pixels)
    {
        double[] h = new double[Input.B.Length];
        double[] c = new double[h.Length];
        for (int t = 0; t < 28; t++)
        {
            double[] x = [.. pixels.Slice(t * 28, 28).ToArray().Select(pixel => pixel / 255.0)];
            double[] i = [.. Input.Sum(x, h).Select(Logistic)];
            double[] f = [.. Forget.Sum(x, h).Select(Logistic)];
            double[] g = [.. Cell.Sum(x, h).Select(Math.Tanh)];
            double[] o = [.. Output.Sum(x, h).Select(Logistic)];
            c = [.. c.Select((old, k) => (f[k] * old) + (i[k] * g[k]))];
            h = [.. c.Select((value, k) => o[k] * Math.Tanh(value))];
        }

        return [.. D.Select((d, k) => Dot(V[k], h) + d)];
    }

    /// <summary>[N, C], row by row.</summary>
    public double[] Logits(DigitSet digits) =>
        [.. Enumerable.Range(0, digits.Count).SelectMany(n => Logits(digits.Image(n)))];

    private static double Logistic(double value) => 1 / (1 + Math.Exp(-value));

    private static double Dot(double[] one, double[] other)
    {
        double sum = 0;
        for (int k = 0; k < one.Length; k++)
        {
            sum += one[k] * other[k];
        }

        return sum;
    }

    private static double[] Vector(Tensor tensor) => [.. tensor.data<float>().Select(value => (double)value)];

    private static double[][] Matrix(Tensor tensor) => [.. Vector(tensor).Chunk((int)tensor.shape[1])];
}
