using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Trainer.Native;

/// <summary>
/// Compares libtorch's LSTM and convolution, forward and backward, with plain C#. On AMD's family 26 (Zen 5, in a VM)
/// the AVX-512 kernels of oneDNN, which computes both, are wrong where a size is not a multiple of the vector length.
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
            .Select(m => FormattableString.Invariant($"{m.What} is off by {m.Difference:G2}"))
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
                yield return ($"an LSTM of {hidden} units in {format}", Lstm(hidden, batch, type), tolerance);
            }

            var first = new PlainConvolution(Batch: 2, From: 1, To: 24, Side: 28, Kernel: 5, Stride: 2, Padding: 2);
            var inner = new PlainConvolution(Batch: 1, From: 24, To: 48, Side: 7, Kernel: 3, Stride: 1, Padding: 1);
            var odd = new PlainConvolution(Batch: 3, From: 5, To: 19, Side: 11, Kernel: 3, Stride: 1, Padding: 1);
            foreach (PlainConvolution shape in new[] { first, inner, odd })
            {
                string what = $"a convolution of {shape.From} to {shape.To} channels in {format}";
                yield return (what, Convolution(shape, type), tolerance);
            }
        }
    }

    private static double Lstm(int hidden, int batch, ScalarType type)
    {
        const int inputs = RowSequence.Features;
        const int steps = 2;
        using DisposeScope scope = NewDisposeScope();
        var random = new CounterRandom(seed: 0, stream: hidden);
        Tensor rows = Values(ref random, type, batch, steps, inputs);
        Tensor slopes = Values(ref random, type, batch, steps, hidden); // the loss is Σ outputs · slopes
        using var lstm = nn.LSTM(inputs, hidden, batchFirst: true);
        lstm.to(type);
        Tensor[] weights =
        [
            lstm.get_parameter("weight_ih_l0")!, lstm.get_parameter("weight_hh_l0")!,
            lstm.get_parameter("bias_ih_l0")!, lstm.get_parameter("bias_hh_l0")!,
        ];
        using (no_grad())
        {
            foreach (Tensor weight in weights[..3])
            {
                weight.copy_(Values(ref random, type, weight.shape));
            }

            weights[3].zero_();
        }

        (Tensor outputs, _, _) = lstm.forward(rows);
        (outputs * slopes).sum().backward();
        Tensor predicted = Predict(() => lstm.forward(rows).Item1);

        var plain = new PlainLstm(inputs, hidden)
        {
            InputWeights = Numbers(weights[0]),
            RecurrentWeights = Numbers(weights[1]),
            Bias = Numbers(weights[2]),
        };
        var gradients = new PlainLstm(inputs, hidden);
        double[] expected = plain.Run(Numbers(rows), Numbers(slopes), batch, steps, gradients);
        double[] differences =
        [
            Difference(outputs, expected),
            Difference(predicted, expected),
            Difference(weights[0].grad!, gradients.InputWeights),
            Difference(weights[1].grad!, gradients.RecurrentWeights),
            Difference(weights[2].grad!, gradients.Bias),
        ];
        return differences.Max();
    }

    private static double Convolution(PlainConvolution shape, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        var random = new CounterRandom(seed: 0, stream: shape.To);
        Tensor input = Values(ref random, type, shape.Batch, shape.From, shape.Side, shape.Side).requires_grad_();
        Tensor kernel = Values(ref random, type, shape.To, shape.From, shape.Kernel, shape.Kernel).requires_grad_();
        Tensor slopes = Values(ref random, type, shape.Batch, shape.To, shape.OutputSide, shape.OutputSide);

        long[] strides = [shape.Stride, shape.Stride];
        long[] padding = [shape.Padding, shape.Padding];
        Tensor Forward() => F.conv2d(input, kernel, strides: strides, padding: padding);
        Tensor output = Forward();
        (output * slopes).sum().backward();
        Tensor predicted = Predict(Forward);

        double[] expected = shape.Forward(Numbers(input), Numbers(kernel));
        (double[] inputGradient, double[] kernelGradient) =
            shape.Backward(Numbers(input), Numbers(kernel), Numbers(slopes));
        double[] differences =
        [
            Difference(output, expected),
            Difference(predicted, expected),
            Difference(input.grad!, inputGradient),
            Difference(kernel.grad!, kernelGradient),
        ];
        return differences.Max();
    }

    /// <summary>Computes without gradients: oneDNN has other kernels for that.</summary>
    private static Tensor Predict(Func<Tensor> forward)
    {
        using var noGrad = no_grad();
        return forward();
    }

    /// <summary>Numbers from −0.5 to 0.5 that the type can hold.</summary>
    private static Tensor Values(ref CounterRandom random, ScalarType type, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (int n = 0; n < values.Length; n++)
        {
            values[n] = random.NextSymmetric(0.5f);
        }

        return tensor(values, shape).to(type);
    }

    private static double[] Numbers(Tensor tensor) =>
        [.. tensor.detach().to(ScalarType.Float32).data<float>().Select(value => (double)value)];

    /// <returns>NaN if a number is; Max keeps it.</returns>
    private static double Difference(Tensor actual, double[] expected) =>
        Numbers(actual).Zip(expected, (a, e) => Math.Abs(a - e)).Aggregate(Math.Max) / expected.Max(Math.Abs);
}
