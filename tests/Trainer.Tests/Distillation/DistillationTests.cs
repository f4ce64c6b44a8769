using System.Runtime.InteropServices;
using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.Tests.Distillation;

public sealed class DistillationTests(TaughtRun run) : IClassFixture<TaughtRun>
{
    private static readonly TrainingOptions Recipe = TaughtRun.Recipe;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_run_stopped_after_any_step_continues_to_the_same_weights(int stopAfter)
    {
        string name = $"stopped after {stopAfter}";
        run.Teach(name);

        Should.Throw<OperationCanceledException>(() => run.Train(name, Recipe, resume: true, stopAfter));
        byte[] resumed = run.Train(name, Recipe, resume: true);

        resumed.ShouldBe(run.Weights);
    }

    [Fact]
    public void A_run_killed_after_an_epoch_of_its_teacher_continues_to_the_same_weights() =>
        run.Train("half-taught", Recipe, resume: true).ShouldBe(run.Weights);

    [Fact]
    public void One_thread_and_two_learn_the_same_but_for_rounding()
    {
        const float rounding = 1e-3f; // of two steps of at most 1e-2, whose direction is rounded to bfloat16
        TrainingOptions twoSteps = Recipe with { FloatShare = 1, Epochs = 1 };
        run.Teach("one");
        run.Teach("two");

        float[] one = Weights(run.Train("one", twoSteps with { Threads = 1 }, resume: true));
        float[] two = Weights(run.Train("two", twoSteps with { Threads = 2 }, resume: true));

        one.Zip(two, (a, b) => MathF.Abs(a - b)).Max().ShouldBeLessThan(rounding);
        static float[] Weights(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    [Fact]
    public void Another_seed_or_number_format_gives_other_weights()
    {
        TrainingOptions recipe = Recipe with { TeacherEpochs = 1 };
        byte[] weights = run.Train("one epoch", recipe);

        run.Train("another seed", recipe with { RandomSeed = 1 }).ShouldNotBe(weights);
        run.Train("float", recipe with { NumberFormat = NumberFormat.Float32 }).ShouldNotBe(weights);
    }

    [Fact]
    public void A_teacher_of_another_number_format_is_not_used()
    {
        run.Teach("of another format");

        Should.Throw<TrainerException>(() =>
            run.Train("of another format", Recipe with { NumberFormat = NumberFormat.Float32 }, resume: true))
            .Message.ShouldContain("--number-format bfloat16");
    }

    [Fact]
    public void A_checkpoint_of_another_seed_is_not_used()
    {
        run.Teach("of another seed");

        Should.Throw<TrainerException>(() => run.Train("of another seed", Recipe with { RandomSeed = 1 }, resume: true))
            .Message.ShouldContain("--seed 0");
    }

    [Fact]
    public void A_view_depends_on_its_random_numbers_alone()
    {
        byte[] digit = TestDigits.Bars(1, stream: 1).Pixels;
        var augmentation = new Augmentation();
        byte[] View(int index)
        {
            var view = new byte[RowSequence.Length];
            augmentation.MakeView(digit, view, pictureShare: 0.5f, new CounterRandom(0, 1, 0, index));
            return view;
        }

        byte[] first = View(1);
        byte[] second = View(2);

        second.ShouldNotBe(first);
        View(1).ShouldBe(first);
    }
}
