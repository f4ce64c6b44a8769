using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Trainer.Native;

/// <summary>
/// Compares libtorch's LSTM and convolution, forward and backward, with the same in double precision. oneDNN computes
/// both. On AMD's family 26 (Zen 5, in a VM) its AVX-512 kernels are wrong for some sizes. Those are not a multiple of
/// the vector length. oneDNN has no kernels for double precision: libtorch computes it by kernels of its own.
/// </summary>
internal static class KernelCheck
{
    /// <summary>Rounding is below 1e-6 of the largest value, a wrong kernel's error about 0.1. Tests set it.</summary>
    internal static double Tolerance { get; set; } = 1e-4;

    /// <summary>bfloat16 has 8 bits of precision, and rounds after each step.</summary>
    private const double BFloat16Tolerance = 0.03;

    /// <returns>The first computation that is wrong, in words; null if there is none.</returns>
    public static string? FindError() =>
        Measure().Where(m => !(m.Difference <= m.Tolerance)) // so that NaN counts as wrong
            .Select(m => $"{m.What} is off by {m.Difference:G2}")
            .FirstOrDefault();

    /// <summary>Each computation with its largest difference, as a share of the largest right value.</summary>
    internal static IEnumerable<(string What, double Difference, double Tolerance)> Measure()
    {
        MklWarmUp.Prepare();
        foreach (NumberFormat format in new[] { NumberFormat.Float32, NumberFormats.Fastest }.Distinct())
        {
            double tolerance = format == NumberFormat.Float32 ? Tolerance : BFloat16Tolerance;
            ScalarType type = format.ToScalarType();
            foreach ((int hidden, int batch) in new[] { (16, 33), (100, 5) })
            {
                yield return ($"an LSTM of {hidden} units in {format}",
                    Difference(type, values => Lstm(values, hidden, batch)), tolerance);
            }

            var first = new Convolution(Batch: 2, From: 1, To: 24, Side: 28, Kernel: 5, Stride: 2, Padding: 2);
            var inner = new Convolution(Batch: 1, From: 24, To: 48, Side: 7, Kernel: 3, Stride: 1, Padding: 1);
            var odd = new Convolution(Batch: 3, From: 5, To: 19, Side: 11, Kernel: 3, Stride: 1, Padding: 1);
            foreach (Convolution shape in new[] { first, inner, odd })
            {
                yield return ($"a convolution of {shape.From} to {shape.To} channels in {format}",
                    Difference(type, values => Convolve(values, shape)), tolerance);
            }
        }
    }

    private static Tensor[] Lstm(Values values, int hidden, int batch)
    {
        const int steps = 2;
        Tensor rows = values.Draw(batch, steps, RowSequence.Features);
        using var lstm = nn.LSTM(RowSequence.Features, hidden, batchFirst: true);
        lstm.to(values.Type);
        Tensor[] weights = [.. lstm.parameters()];
        using (no_grad())
        {
            foreach (Tensor weight in weights)
            {
                weight.copy_(values.Draw(weight.shape));
            }
        }

        return Run(() => lstm.forward(rows).Item1, values.Draw(batch, steps, hidden), weights);
    }

    private static Tensor[] Convolve(Values values, Convolution shape)
    {
        Tensor input = values.Draw(shape.Batch, shape.From, shape.Side, shape.Side).requires_grad_();
        Tensor kernel = values.Draw(shape.To, shape.From, shape.Kernel, shape.Kernel).requires_grad_();
        long[] strides = [shape.Stride, shape.Stride];
        long[] padding = [shape.Padding, shape.Padding];
        int side = ((shape.Side + (2 * shape.Padding) - shape.Kernel) / shape.Stride) + 1;
        return Run(
            () => F.conv2d(input, kernel, strides: strides, padding: padding),
            values.Draw(shape.Batch, shape.To, side, side),
            [input, kernel]);
    }

    /// <param name="slopes">The loss is Σ outputs · slopes.</param>
    /// <returns>The outputs, the same without gradients, by other kernels of oneDNN, and the gradients.</returns>
    private static Tensor[] Run(Func<Tensor> forward, Tensor slopes, Tensor[] inputs)
    {
        Tensor outputs = forward();
        (outputs * slopes).sum().backward();
        using var noGrad = no_grad();
        return [outputs, forward(), .. inputs.Select(input => input.grad!)];
    }

    private static double Difference(ScalarType type, Func<Values, Tensor[]> compute)
    {
        using DisposeScope scope = NewDisposeScope();
        return Difference(compute(new Values(type, type)), compute(new Values(type, ScalarType.Float64)));
    }

    /// <returns>The largest difference, as a share of the largest right value; NaN if any value is.</returns>
    internal static double Difference(Tensor[] actual, Tensor[] expected) => actual
        .Zip(expected, (a, e) =>
            (a.to(ScalarType.Float64).Plus(e.neg()).abs().max() / e.abs().max()).item<double>())
        .Aggregate(Math.Max);

    private sealed record Convolution(int Batch, int From, int To, int Side, int Kernel, int Stride, int Padding);

    /// <summary>Numbers from −0.5 to 0.5 that one type can hold, in another one.</summary>
    private sealed class Values(ScalarType rounded, ScalarType type)
    {
        private CounterRandom _random = new(seed: 0, stream: 0);

        public ScalarType Type => type;

        public Tensor Draw(params long[] shape)
        {
            int count = (int)shape.Aggregate((product, size) => product * size);
            float[] values = [.. Enumerable.Range(0, count).Select(_ => _random.NextSymmetric(0.5f))];
            return tensor(values, shape).to(rounded).to(type);
        }
    }
}
