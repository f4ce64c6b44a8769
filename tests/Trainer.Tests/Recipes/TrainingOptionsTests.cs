using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.Tests.Recipes;

public sealed class TrainingOptionsTests
{
    [Fact]
    public void The_seed_preset_is_the_post_s_program()
    {
        TrainingOptions seed = TrainingOptions.FromPreset("seed");

        seed.ShouldSatisfyAllConditions(
            () => seed.HiddenSize.ShouldBe(128),
            () => seed.InitialValues.ShouldBe(InitialValues.TensorFlow),
            () => seed.BatchSize.ShouldBe(128),
            () => seed.TotalSteps(trainingImages: 55_000).ShouldBe((100_000 - 1) / 128),
            () => seed.LearningRate.ShouldBe(0.001),
            () => seed.Beta1.ShouldBe(0.9),
            () => seed.Beta2.ShouldBe(0.999),
            () => seed.Epsilon.ShouldBe(1e-8),
            () => seed.LogEvery.ShouldBe(10),
            () => seed.Calibration.ShouldBe(Calibration.None),
            () => (seed.Teachers, seed.WeightDecay, seed.GradientClip, seed.AverageDecay).ShouldBe((0, 0, 0, 0)),
            () => (seed.Rotation, seed.Scale, seed.Shift, seed.WarmUpSteps).ShouldBe((0, 0, 0, 0)));
    }

    [Fact]
    public void An_unknown_preset_is_rejected_with_a_list_of_the_presets() =>
        Should.Throw<TrainerException>(() => TrainingOptions.FromPreset("beste"))
            .Message.ShouldBe("--preset is 'beste', but it must be seed or best.");

    [Fact]
    public void Epochs_make_enough_steps_to_show_every_image_that_often() =>
        (TrainingOptions.Best with { Epochs = 3, BatchSize = 100 }).TotalSteps(trainingImages: 150).ShouldBe(5);

    [Fact]
    public void Every_hyper_parameter_can_be_read_and_given_again()
    {
        foreach (TrainingOptions preset in TrainingOptions.Presets)
        {
            TrainingOptions other = TrainingOptions.Presets.First(o => o != preset) with
            {
                Preset = preset.Preset,
                RandomSeed = preset.RandomSeed,
            };

            HyperParameter.All.Aggregate(other, (options, p) => p.Change(options, p.Read(preset))).ShouldBe(preset);
            HyperParameter.All.Reverse().Aggregate(other, (options, p) => p.Change(options, p.Read(preset)))
                .ShouldBe(preset);
        }
    }

    [Fact]
    public void Every_property_of_the_options_is_a_hyper_parameter()
    {
        int properties = typeof(TrainingOptions).GetProperties().Count(p => p.CanWrite);

        // Preset, seed and --allow-loss have options of their own.
        HyperParameter.All.Count.ShouldBe(properties - 3);
        HyperParameter.All.Select(p => p.Name).ShouldBeUnique();
    }

    [Fact]
    public void Options_without_effect_are_rejected()
    {
        Should.Throw<TrainerException>((TrainingOptions.Seed with { Steps = 0 }).RequireConsistent)
            .Message.ShouldBe("--steps and --epochs are both 0, so nothing would be learned: give one of them.");
        Should.Throw<TrainerException>((TrainingOptions.Best with { Steps = 100 }).RequireConsistent)
            .Message.ShouldBe(
                "A run with --teachers takes whole epochs, but this one (--preset best) has 100 steps: "
                + "give --epochs, or --teachers 0.");
        Should.NotThrow(TrainingOptions.Seed.RequireConsistent);
        Should.NotThrow(TrainingOptions.Best.RequireConsistent);
    }

    [Theory]
    [InlineData("hidden-size", "0", "--hidden-size is '0', but it must be a whole number from 1 to 1024.")]
    [InlineData("hidden-size", "12.5", "--hidden-size is '12.5', but it must be a whole number from 1 to 1024.")]
    [InlineData("batch-size", "many", "--batch-size is 'many', but it must be a whole number from 1 to 10000.")]
    [InlineData("learning-rate", "-1", "--learning-rate is '-1', but it must be a number from 0 to 1.")]
    [InlineData("learning-rate", "NaN", "--learning-rate is 'NaN', but it must be a number from 0 to 1.")]
    [InlineData("learning-rate", "0,1", "--learning-rate is '0,1', but it must be a number from 0 to 1.")]
    [InlineData("schedule", "linear", "--schedule is 'linear', but it must be constant or cosine.")]
    [InlineData("schedule", "1", "--schedule is '1', but it must be constant or cosine.")]
    public void A_value_out_of_range_is_rejected_with_the_range(string name, string text, string sentence)
    {
        HyperParameter parameter = HyperParameter.All.Single(p => p.Name == name);

        TrainerException problem = Should.Throw<TrainerException>(() => parameter.Change(TrainingOptions.Seed, text));
        problem.Message.ShouldBe(sentence);
        problem.ExitCode.ShouldBe(ExitCodes.BadInput);
    }

    [Fact]
    public void A_card_holds_what_the_run_uses_and_no_more()
    {
        Dictionary<string, string> seed = HyperParameter.Used(TrainingOptions.Seed);
        Dictionary<string, string> best = HyperParameter.Used(TrainingOptions.Best);

        seed["steps"].ShouldBe("781");
        seed.Keys.Intersect(["matrix-rate", "views", "soft-share", "evidence-rate", "float-share"]).ShouldBeEmpty();
        best["epochs"].ShouldBe("140");
        best.Keys.Intersect(["rotation", "scale", "shift", "log-every"]).ShouldBeEmpty();
        best["number-format"].ShouldBeOneOf("float32", "bfloat16"); // what the fastest is here
        best.ContainsKey("float-share").ShouldBe(best["number-format"] == "bfloat16");
    }

    [Fact]
    public void The_committed_seed_model_was_made_by_its_preset_as_it_is()
    {
        ModelCard card = ModelCard.FromJson(File.ReadAllText(Repository.PathOf("models", "seed.card.json")));

        card.Seed.ShouldBe(TrainingOptions.Seed.RandomSeed);
        card.HyperParameters.ShouldBe(HyperParameter.Used(TrainingOptions.Seed), ignoreOrder: true);
    }
}
