using System.Runtime.InteropServices;
using MnistLstm.Shared;
using MnistLstm.Trainer.Distillation;

namespace MnistLstm.Trainer.Tests.Distillation;

public sealed class DistillationTests : IDisposable
{
    /// <summary>Small, but with everything in it: a teacher, views, both number formats.</summary>
    private static readonly TrainingOptions Recipe = TrainingOptions.Best with
    {
        HiddenSize = 16,
        BatchSize = 96,
        Epochs = 3,
        WarmUpSteps = 2,
        Teachers = 1,
        TeacherEpochs = 2,
        Views = 2,
        FloatShare = 0.5,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_run_stopped_after_any_step_goes_on_to_the_same_weights(int stopAfter)
    {
        byte[] uninterrupted = Train("whole", resume: false, stopAfter: null);

        Should.Throw<OperationCanceledException>(() => Train("stopped", resume: false, stopAfter));
        byte[] resumed = Train("stopped", resume: true, stopAfter: null);

        resumed.ShouldBe(uninterrupted);
    }

    [Fact]
    public void One_thread_and_two_learn_the_same_but_for_rounding()
    {
        const float rounding = 1e-3f; // of two steps of at most 1e-2, whose direction is rounded to bfloat16
        TrainingOptions twoSteps = Recipe with { FloatShare = 1, Epochs = 1 };

        float[] one = Weights(Train("one", resume: false, stopAfter: null, twoSteps with { Threads = 1 }));
        float[] two = Weights(Train("two", resume: false, stopAfter: null, twoSteps with { Threads = 2 }));

        one.Zip(two, (a, b) => MathF.Abs(a - b)).Max().ShouldBeLessThan(rounding);
        static float[] Weights(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    [Fact]
    public void Another_seed_gives_other_weights()
    {
        byte[] one = Train("one", resume: false, stopAfter: null);
        byte[] other = Train("other", resume: false, stopAfter: null, Recipe with { RandomSeed = 1 });

        other.ShouldNotBe(one);
    }

    [Fact]
    public void A_checkpoint_of_another_seed_is_not_taken_up()
    {
        Should.Throw<OperationCanceledException>(() => Train("stopped", resume: false, stopAfter: 1));

        Should.Throw<TrainerException>(() => Train("stopped", resume: true, stopAfter: null, Recipe with { RandomSeed = 1 }))
            .Message.ShouldContain("--seed 0");
    }

    [Fact]
    public void A_view_depends_on_its_random_numbers_alone()
    {
        byte[] digit = Digits(1, stream: 1).Pixels;
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

    private static DigitSet Digits(int count, int stream)
    {
        var random = new CounterRandom(0, stream);
        var labels = new byte[count];
        var pixels = new byte[count * RowSequence.Length];
        for (int n = 0; n < count; n++)
        {
            // The label is the height of a bar.
            labels[n] = (byte)random.NextInt(10);
            int row = 4 + (2 * labels[n]);
            pixels.AsSpan((n * RowSequence.Length) + (row * RowSequence.Features) + 4 + random.NextInt(6), 12).Fill(RowSequence.MaxPixel);
        }

        return new DigitSet(pixels, labels);
    }

    /// <returns>All weights, byte by byte.</returns>
    private byte[] Train(string name, bool resume, int? stopAfter, TrainingOptions? options = null)
    {
        options ??= Recipe;
        using var cancellation = new CancellationTokenSource();
        var data = new MnistDataset(Digits(200, stream: 1), Digits(50, stream: 2), Digits(50, stream: 3));
        TrainingObserver observer = TrainingObserver.None with
        {
            Stepped = progress =>
            {
                if (progress.Step == stopAfter)
                {
                    cancellation.Cancel();
                }
            },
        };
        var checkpoint = new Checkpoint(Path.Combine(_folder, name + ".checkpoint"), options);
        using LstmClassifier network = new DistillationLoop(options, data, checkpoint, observer).Run(resume, cancellation.Token).Network;
        return [.. network.Weights.SelectMany(weights => weights.bytes.ToArray())];
    }
}
