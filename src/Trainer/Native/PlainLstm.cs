using System.Runtime.CompilerServices;

namespace MnistLstm.Trainer.Native;

/// <summary>
/// The LSTM's equations and backpropagation through time, in double precision: libtorch's kernels are checked against
/// it. Weights are laid out as in PyTorch: row by row, gates i f g o.
/// </summary>
/// <param name="inputs">I.</param>
/// <param name="hidden">H.</param>
internal sealed class PlainLstm(int inputs, int hidden)
{
    /// <summary>[4H, I].</summary>
    public double[] InputWeights { get; init; } = new double[4 * hidden * inputs];

    /// <summary>[4H, H].</summary>
    public double[] RecurrentWeights { get; init; } = new double[4 * hidden * hidden];

    /// <summary>[4H].</summary>
    public double[] Bias { get; init; } = new double[4 * hidden];

    /// <summary>Computes a batch, and adds the gradients of Σ outputs · slopes.</summary>
    /// <param name="x">[B, T, I].</param>
    /// <param name="slopes">[B, T, H].</param>
    /// <param name="batch">B.</param>
    /// <param name="steps">T.</param>
    /// <param name="gradients">Those of the weights.</param>
    /// <returns>outputs [B, T, H]</returns>
    public double[] Run(double[] x, double[] slopes, int batch, int steps, PlainLstm gradients)
    {
        var outputs = new List<double>();
        for (int n = 0; n < batch; n++)
        {
            ReadOnlySpan<double> rows = x.AsSpan(n * steps * inputs, steps * inputs);
            var h = new double[(steps + 1) * hidden]; // after a row of zeros
            var c = new double[(steps + 1) * hidden];
            var gates = new double[steps * 4 * hidden]; // after their activations
            for (int t = 0; t < steps; t++)
            {
                Step(rows.Slice(t * inputs, inputs), t, h, c, gates);
            }

            Backward(rows, h, c, gates, slopes.AsSpan(n * steps * hidden, steps * hidden), gradients);
            outputs.AddRange(h[hidden..]);
        }

        return [.. outputs];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Step(ReadOnlySpan<double> x, int t, double[] h, double[] c, double[] gates)
    {
        for (int row = 0; row < 4 * hidden; row++)
        {
            double sum = Bias[row];
            for (int i = 0; i < inputs; i++)
            {
                sum += InputWeights[(row * inputs) + i] * x[i];
            }

            for (int k = 0; k < hidden; k++)
            {
                sum += RecurrentWeights[(row * hidden) + k] * h[(t * hidden) + k];
            }

            bool isCandidate = row / hidden == 2;
            gates[(t * 4 * hidden) + row] = isCandidate ? Math.Tanh(sum) : 1 / (1 + Math.Exp(-sum));
        }

        for (int k = 0; k < hidden; k++)
        {
            (double i, double f, double g, double o) = Gates(gates, t, k);
            int now = (t * hidden) + k;
            c[now + hidden] = (f * c[now]) + (i * g);
            h[now + hidden] = o * Math.Tanh(c[now + hidden]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Backward(
        ReadOnlySpan<double> x,
        double[] h,
        double[] c,
        double[] gates,
        ReadOnlySpan<double> slopes,
        PlainLstm gradients)
    {
        var dh = new double[hidden]; // from the step after
        var dc = new double[hidden];
        var da = new double[4 * hidden]; // of the gates before their activations
        for (int t = (x.Length / inputs) - 1; t >= 0; t--)
        {
            for (int k = 0; k < hidden; k++)
            {
                (double i, double f, double g, double o) = Gates(gates, t, k);
                int now = (t * hidden) + k;
                double squashed = Math.Tanh(c[now + hidden]);
                double output = dh[k] + slopes[now];
                double cell = dc[k] + (output * o * (1 - (squashed * squashed)));
                da[k] = cell * g * i * (1 - i);
                da[hidden + k] = cell * c[now] * f * (1 - f);
                da[(2 * hidden) + k] = cell * i * (1 - (g * g));
                da[(3 * hidden) + k] = output * squashed * o * (1 - o);
                dc[k] = cell * f;
            }

            Array.Clear(dh);
            for (int row = 0; row < 4 * hidden; row++)
            {
                gradients.Bias[row] += da[row];
                for (int i = 0; i < inputs; i++)
                {
                    gradients.InputWeights[(row * inputs) + i] += da[row] * x[(t * inputs) + i];
                }

                for (int k = 0; k < hidden; k++)
                {
                    gradients.RecurrentWeights[(row * hidden) + k] += da[row] * h[(t * hidden) + k];
                    dh[k] += da[row] * RecurrentWeights[(row * hidden) + k];
                }
            }
        }
    }

    private (double I, double F, double G, double O) Gates(double[] gates, int t, int k)
    {
        int first = (t * 4 * hidden) + k;
        return (gates[first], gates[first + hidden], gates[first + (2 * hidden)], gates[first + (3 * hidden)]);
    }
}
