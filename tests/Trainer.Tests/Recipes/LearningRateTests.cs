using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.Tests.Recipes;

public sealed class LearningRateTests
{
    private const double Rounding = 1e-12;

    private static readonly TrainingOptions Options = new() { Preset = "test", LearningRate = 0.8 };

    [Fact]
    public void The_seed_preset_keeps_Adam_s_default_at_every_step()
    {
        LearningRate.At(TrainingOptions.Seed, step: 0, totalSteps: 781).ShouldBe(0.001);
        LearningRate.At(TrainingOptions.Seed, step: 780, totalSteps: 781).ShouldBe(0.001);
    }

    [Fact]
    public void Warm_up_rises_in_equal_steps_to_the_peak()
    {
        TrainingOptions options = Options with { WarmUpSteps = 4 };

        Enumerable.Range(0, 5).Select(step => LearningRate.At(options, step, totalSteps: 10))
            .ShouldBe([0.2, 0.4, 0.6, 0.8, 0.8], Rounding);
    }

    [Fact]
    public void The_cosine_falls_from_the_peak_through_half_of_it_to_zero()
    {
        TrainingOptions options = Options with { WarmUpSteps = 2, Schedule = Schedule.Cosine };

        LearningRate.At(options, step: 2, totalSteps: 10).ShouldBe(0.8, Rounding);
        LearningRate.At(options, step: 4, totalSteps: 10).ShouldBe(0.4 * (1 + Math.Sqrt(0.5)), Rounding);
        LearningRate.At(options, step: 6, totalSteps: 10).ShouldBe(0.4, Rounding);
        LearningRate.At(options, step: 10, totalSteps: 10).ShouldBe(0, Rounding);
    }
}
