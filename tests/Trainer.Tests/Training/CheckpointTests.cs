using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private static readonly TrainingOptions Recipe = TrainingOptions.Seed with { RandomSeed = 7 };

    private readonly string _folder = Directory.CreateTempSubdirectory("mnist-lstm-").FullName;

    private string Location => Path.Combine(_folder, "checkpoints", "seed.checkpoint");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_saved_checkpoint_can_be_loaded()
    {
        var history = new TrainingHistory
        {
            Losses = [0.1f, 1 / 3f],
            LogLines = [new StepRecord(10, 1.5f, 0.25f)],
            Elapsed = TimeSpan.FromSeconds(3),
        };
        new Checkpoint(Location, Checkpoint.Recipe(Recipe)).Save(20, history, writer => writer.Write(42));

        int optimizer = 0;
        void ReadOptimizer(BinaryReader reader) => optimizer = reader.ReadInt32();
        (int step, TrainingHistory loaded) = new Checkpoint(Location, Checkpoint.Recipe(Recipe)).Load(ReadOptimizer);

        step.ShouldBe(20);
        optimizer.ShouldBe(42);
        loaded.Losses.ShouldBe(history.Losses);
        loaded.LogLines.ShouldBe(history.LogLines);
        loaded.Elapsed.ShouldBe(history.Elapsed);
    }

    [Fact]
    public void A_checkpoint_of_another_recipe_is_rejected_with_the_option_that_differs()
    {
        new Checkpoint(Location, Checkpoint.Recipe(Recipe)).Save(step: 42, new TrainingHistory(), _ => { });

        Refusal(Recipe with { HiddenSize = 64 }).ShouldBe(
            $"'{Location}' belongs to a run with --hidden-size 128; give the same options, or leave --resume away to "
            + $"start again.");
        Refusal(Recipe with { RandomSeed = 8 }).ShouldContain("a run with --seed 7;");
        Refusal(TrainingOptions.Best with { RandomSeed = 7 }).ShouldContain("a run with --preset seed;");
    }

    [Fact]
    public void A_checkpoint_that_lacks_a_line_of_the_recipe_is_rejected()
    {
        string[] recipe = [.. Checkpoint.Recipe(Recipe)];
        new Checkpoint(Location, recipe).Save(step: 42, new TrainingHistory(), _ => { });

        Action load = () =>
            new Checkpoint(Location, [.. recipe, "the model 0123456789ab"]).Load(_ => { });

        load.ShouldThrow<TrainerException>().Message.ShouldContain("a run without the model 0123456789ab;");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(60)]
    [InlineData(-1)]
    public void A_truncated_checkpoint_is_rejected(int length)
    {
        new Checkpoint(Location, Checkpoint.Recipe(Recipe)).Save(step: 42, new TrainingHistory(), _ => { });
        byte[] whole = File.ReadAllBytes(Location);
        File.WriteAllBytes(Location, whole[..(length < 0 ? whole.Length + length : length)]);

        Refusal(Recipe).ShouldBe($"'{Location}' is a damaged checkpoint; delete it to start again.");
    }

    [Fact]
    public void A_file_that_is_not_a_checkpoint_is_rejected()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Location)!);
        File.WriteAllBytes(Location, "\u0009something"u8.ToArray());

        Refusal(Recipe)
            .ShouldBe($"'{Location}' is not a checkpoint that this version can read; delete it to start again.");
    }

    [Fact]
    public void A_new_checkpoint_replaces_the_old_one_only_when_complete()
    {
        var checkpoint = new Checkpoint(Location, Checkpoint.Recipe(Recipe));
        checkpoint.Save(step: 1, new TrainingHistory(), _ => { });

        Should.Throw<InvalidOperationException>(() => checkpoint.Save(
            step: 2, new TrainingHistory(), _ => throw new InvalidOperationException()));

        checkpoint.Load(_ => { }).Step.ShouldBe(1);
    }

    [Fact]
    public void Deleting_a_checkpoint_also_deletes_its_folder_if_empty()
    {
        var one = new Checkpoint(Location, Checkpoint.Recipe(Recipe));
        var other = new Checkpoint(Path.Combine(_folder, "checkpoints", "other.checkpoint"), Checkpoint.Recipe(Recipe));
        one.Save(step: 1, new TrainingHistory(), _ => { });
        other.Save(step: 1, new TrainingHistory(), _ => { });

        one.Delete();
        other.Exists.ShouldBeTrue();
        other.Delete();

        Directory.Exists(Path.Combine(_folder, "checkpoints")).ShouldBeFalse();
    }

    private string Refusal(TrainingOptions options) =>
        Should.Throw<TrainerException>(() =>
            new Checkpoint(Location, Checkpoint.Recipe(options)).Load(_ => { })).Message;
}
