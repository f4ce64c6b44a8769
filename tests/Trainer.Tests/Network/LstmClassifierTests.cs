using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Network;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Tests.Network;

public sealed class LstmClassifierTests
{
    /// <summary>
    /// TorchSharp adds up 28 + H float32 products 28 times, then H of them; each sum is rounded to 6e-8 of its size,
    /// and a logit is about 1 to 10.
    /// </summary>
    private const double Float32Tolerance = 2e-5;

    /// <summary>Far above any rounding.</summary>
    private const double ClearDifference = 1e-2;

    [Theory]
    [InlineData(InitialValues.TensorFlow, 128)]
    [InlineData(InitialValues.PyTorch, 128)]
    [InlineData(InitialValues.PyTorch, 5)]
    public void TorchSharp_computes_the_equations(InitialValues values, int hidden)
    {
        DigitSet digits = TestDigits.Noise(4);
        using LstmClassifier network = Network(values, hidden);

        double[] expected = LstmEquations.Of(network).Logits(digits);
        float[] actual = network.PredictLogits(digits);

        LargestDifference(expected, actual).ShouldBeLessThan(Float32Tolerance);
    }

    [Fact]
    public void Each_gate_stands_where_the_equations_look_for_it()
    {
        DigitSet digits = TestDigits.Noise(4);
        using LstmClassifier network = Network(InitialValues.TensorFlow, hidden: 16);
        LstmEquations right = LstmEquations.Of(network);
        LstmEquations[] swapped =
        [
            right with { Input = right.Forget, Forget = right.Input },
            right with { Input = right.Cell, Cell = right.Input },
            right with { Input = right.Output, Output = right.Input },
            right with { Forget = right.Cell, Cell = right.Forget },
            right with { Forget = right.Output, Output = right.Forget },
            right with { Cell = right.Output, Output = right.Cell },
        ];

        float[] actual = network.PredictLogits(digits);

        swapped.ShouldAllBe(equations => LargestDifference(equations.Logits(digits), actual) > ClearDifference);
    }

    [Fact]
    public void At_the_start_it_is_BasicLSTMCell_which_adds_the_forget_bias_inside()
    {
        const double forgetBias = 1;
        DigitSet digits = TestDigits.Noise(4);
        using LstmClassifier network = Network(InitialValues.TensorFlow, hidden: 16);

        // TensorFlow: new_c = c * sigmoid(f + forget_bias) + sigmoid(i) * tanh(j), with a bias of zeros.
        LstmEquations equations = LstmEquations.Of(network);
        double[] none = new double[16];
        LstmEquations cell = equations with
        {
            Input = equations.Input with { B = none },
            Forget = equations.Forget with { B = [.. none.Select(b => b + forgetBias)] },
            Cell = equations.Cell with { B = none },
            Output = equations.Output with { B = none },
        };

        LargestDifference(cell.Logits(digits), network.PredictLogits(digits)).ShouldBeLessThan(Float32Tolerance);
    }

    [Fact]
    public void The_kernel_is_uniform_within_Glorot_s_bounds_of_the_joined_kernel()
    {
        using LstmClassifier network = Network(InitialValues.TensorFlow, hidden: 128);
        double limit = Math.Sqrt(6.0 / (28 + 128 + 512));

        float[] kernel = [.. Values(network.InputWeights), .. Values(network.RecurrentWeights)];

        kernel.Length.ShouldBe((28 + 128) * 512);
        kernel.ShouldAllBe(weight => Math.Abs(weight) <= limit);
        kernel.Max().ShouldBe((float)limit, tolerance: limit * 1e-3);
        kernel.Min().ShouldBe((float)-limit, tolerance: limit * 1e-3);
        Mean(kernel).ShouldBe(0, FiveStandardErrors(limit / Math.Sqrt(3), kernel.Length));
        Deviation(kernel).ShouldBe(limit / Math.Sqrt(3), tolerance: limit * 0.01);
    }

    [Fact]
    public void The_biases_are_zero_except_the_forget_gate_s_which_is_one()
    {
        using LstmClassifier network = Network(InitialValues.TensorFlow, hidden: 128);

        float[] bias = Values(network.InputBias);

        bias[..128].ShouldAllBe(b => b == 0);
        bias[128..256].ShouldAllBe(b => b == 1);
        bias[256..].ShouldAllBe(b => b == 0);
        Values(network.RecurrentBias).ShouldAllBe(b => b == 0);
        network.TrainedWeights.Sum(weights => weights.numel()).ShouldBe((512 * (28 + 128 + 1)) + (10 * 129));
    }

    [Fact]
    public void The_output_layer_is_normal_with_deviation_one()
    {
        using LstmClassifier network = Network(InitialValues.TensorFlow, hidden: 128);

        float[] weights = [.. Values(network.OutputWeights), .. Values(network.OutputBias)];

        Mean(weights).ShouldBe(0, FiveStandardErrors(1, weights.Length));
        Deviation(weights).ShouldBe(1, tolerance: 5 / Math.Sqrt(2.0 * weights.Length));
        weights.Count(weight => Math.Abs(weight) > 2).ShouldBeInRange(30, 90); // 4.55 % of 1,290 are 59
    }

    [Fact]
    public void As_in_PyTorch_every_weight_is_uniform_within_one_over_the_root_of_H()
    {
        using LstmClassifier network = Network(InitialValues.PyTorch, hidden: 64);

        network.Weights.ShouldAllBe(weights => Values(weights).All(weight => Math.Abs(weight) <= 1 / 8f));
        network.Weights.ShouldAllBe(weights => Values(weights).Any(weight => weight != 0));
        network.TrainedWeights.Count.ShouldBe(network.Weights.Count);
    }

    [Fact]
    public void The_seed_alone_decides_the_initial_values()
    {
        using LstmClassifier one = Network(InitialValues.TensorFlow, hidden: 8, seed: 3);
        using LstmClassifier same = Network(InitialValues.TensorFlow, hidden: 8, seed: 3);
        using LstmClassifier other = Network(InitialValues.TensorFlow, hidden: 8, seed: 4);

        Values(same.InputWeights).ShouldBe(Values(one.InputWeights));
        Values(same.OutputBias).ShouldBe(Values(one.OutputBias));
        Values(other.InputWeights).ShouldNotBe(Values(one.InputWeights));
    }

    private static LstmClassifier Network(InitialValues values, int hidden, int seed = 1)
    {
        var network = new LstmClassifier(hidden);
        network.Initialize(values, seed);
        return network;
    }

    private static float[] Values(Tensor tensor) => [.. tensor.data<float>()];

    private static double LargestDifference(double[] expected, float[] actual)
    {
        actual.Length.ShouldBe(expected.Length);
        return expected.Zip(actual, (one, other) => Math.Abs(one - other)).Max();
    }

    private static double Mean(float[] values) => values.Average(value => (double)value);

    private static double Deviation(float[] values) =>
        Math.Sqrt(values.Average(value => (double)value * value) - (Mean(values) * Mean(values)));

    private static double FiveStandardErrors(double deviation, int count) => 5 * deviation / Math.Sqrt(count);
}
