using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Tests.Optimizers;

/// <summary>Without chosen matrices Muon is AdamW: against libtorch's own optimizers.</summary>
public sealed class AdamWTests
{
    private const double LearningRate = 0.01;

    /// <summary>
    /// The same float32 operations in another order, over ten steps of at most <see cref="LearningRate"/>.
    /// </summary>
    private const double Tolerance = 1e-6;

    private static readonly TrainingOptions Plain = new() { Preset = "test", LearningRate = LearningRate };

    [Fact]
    public void It_takes_the_same_steps_as_Adam()
    {
        (float[] actual, float[] expected) = Run(
            Plain, parameters => torch.optim.Adam(parameters, LearningRate, Plain.Beta1, Plain.Beta2, Plain.Epsilon));

        Largest(actual, expected).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void With_weight_decay_it_moves_matrices_as_AdamW_does()
    {
        TrainingOptions options = Plain with { WeightDecay = 0.1 };

        (float[] actual, float[] expected) = Run(
            options, parameters =>
                torch.optim.AdamW(parameters, LearningRate, Plain.Beta1, Plain.Beta2, Plain.Epsilon,
                    weight_decay: 0.1));

        Largest(actual[..12], expected[..12]).ShouldBeLessThan(Tolerance); // the matrix
        Largest(actual[12..], expected[12..]).ShouldBeGreaterThan(1e-4); // the bias, which AdamW decays and we do not
    }

    [Fact]
    public void A_long_gradient_is_clipped_to_the_limit_and_a_short_one_unchanged()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] clipped = Parameters();
        Tensor[] halved = Parameters();
        using var clipping = new Muon(clipped, Plain with { GradientClip = 2.5, Beta1 = 0, Beta2 = 0, Epsilon = 1 });
        using var free = new Muon(halved, Plain with { Beta1 = 0, Beta2 = 0, Epsilon = 1 });

        // A gradient of norm 5 against the limit 2.5 moves like half of it.
        SetGradient(clipped, [3, 4]);
        SetGradient(halved, [1.5f, 2]);
        clipping.Step(clipped.FlatGradient(), LearningRate);
        free.Step(halved.FlatGradient(), LearningRate);

        Largest(Values(clipped), Values(halved)).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void The_average_follows_the_weights_and_replaces_them_at_the_end()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] parameters = Parameters();
        float start = Values(parameters)[0];
        using var optimizer =
            new Muon(parameters, Plain with { AverageDecay = 0.5, Beta1 = 0, Beta2 = 0, Epsilon = 1 });

        // With β = 0 and ε = 1 a gradient of 1 moves a weight by half the learning rate.
        SetGradient(parameters, [1]);
        optimizer.Step(parameters.FlatGradient(), LearningRate);
        float moved = Values(parameters)[0];
        float averaged = optimizer.WithAverage(() => Values(parameters)[0]);
        Values(parameters)[0].ShouldBe(moved);
        optimizer.Finish();

        // A young average forgets faster: after one step it keeps (1 + 1) / (10 + 1) of what it was.
        moved.ShouldBe(start - ((float)LearningRate / 2), Tolerance);
        averaged.ShouldBe((start * 2 / 11) + (moved * 9 / 11), Tolerance);
        Values(parameters)[0].ShouldBe(averaged);
    }

    private static (float[] Ours, float[] Theirs) Run(
        TrainingOptions options, Func<IEnumerable<Parameter>, optim.Optimizer> create)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter[] theirs = [.. Parameters().Select(value => new Parameter(value.detach()))];
        Tensor[] ours = Parameters();
        using optim.Optimizer reference = create(theirs);
        using var optimizer = new Muon(ours, options);
        var random = new CounterRandom(1, 1);
        for (int step = 0; step < 10; step++)
        {
            float[] gradient = [.. Enumerable.Range(0, 16).Select(_ => random.NextNormal())];
            SetGradient(ours, gradient);
            SetGradient(theirs, gradient);
            optimizer.Step(ours.FlatGradient(), LearningRate);
            reference.step();
        }

        return (Values(ours), Values(theirs));
    }

    /// <summary>A matrix and a bias, 16 numbers.</summary>
    private static Tensor[] Parameters()
    {
        var random = new CounterRandom(2, 1);
        float[] values = [.. Enumerable.Range(0, 16).Select(_ => random.NextNormal())];
        return [tensor(values[..12], [3, 4]).requires_grad_(), tensor(values[12..]).requires_grad_()];
    }

    /// <param name="gradient">Zeros follow where it is short.</param>
    private static void SetGradient(IReadOnlyList<Tensor> parameters, float[] gradient)
    {
        float[] all = [.. gradient, .. new float[16 - gradient.Length]];
        parameters[0].grad = tensor(all[..12], [3, 4]);
        parameters[1].grad = tensor(all[12..]);
    }

    private static float[] Values(IReadOnlyList<Tensor> parameters) =>
        [.. parameters.SelectMany(p => p.detach().data<float>().ToArray())];

    private static double Largest(float[] one, float[] other) =>
        one.Zip(other, (a, b) => Math.Abs((double)a - b)).Max();
}
