using System.CommandLine;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Commands;
using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.Tests.Commands;

public sealed class HyperParameterOptionsTests
{
    [Theory]
    [InlineData("", 781, 0)]
    [InlineData("--steps 100", 100, 0)]
    [InlineData("--steps 100 --epochs 0", 100, 0)]
    [InlineData("--epochs 0 --steps 100", 100, 0)]
    [InlineData("--epochs 3", 0, 3)]
    [InlineData("--epochs 3 --steps 0", 0, 3)]
    public void A_given_length_replaces_the_preset_s(string commandLine, int steps, int epochs)
    {
        TrainingOptions options = Change(TrainingOptions.Seed, commandLine);

        (options.Steps, options.Epochs).ShouldBe((steps, epochs));
        Should.NotThrow(options.RequireConsistent);
    }

    [Fact]
    public void A_model_that_is_refined_keeps_how_long_it_was_trained()
    {
        ModelCard seed = Card("seed");
        ModelCard floats = Card("digits-float");

        Dictionary<string, string> refinedSeed = HyperParameter.Used(RefineCommand.FromCard(seed));
        Dictionary<string, string> refinedFloats = HyperParameter.Used(RefineCommand.FromCard(floats));

        (refinedSeed["steps"], refinedSeed["epochs"], refinedSeed["teachers"]).ShouldBe(("781", "0", "0"));
        refinedSeed["evidence-epochs"].ShouldBe($"{TrainingOptions.Best.EvidenceEpochs}");
        refinedSeed["soft-share"].ShouldBe("0.9");
        (refinedFloats["steps"], refinedFloats["epochs"], refinedFloats["views"]).ShouldBe(("0", "140", "12"));
    }

    private static TrainingOptions Change(TrainingOptions preset, string commandLine)
    {
        var command = new Command("train");
        var options = new HyperParameterOptions(command, HyperParameter.All);
        return options.Change(preset, command.Parse(commandLine));
    }

    private static ModelCard Card(string name) =>
        ModelCard.FromJson(File.ReadAllText(Repository.PathOf("models", $"{name}.card.json")));
}
