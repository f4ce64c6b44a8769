using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Tests.Training;

public sealed class TrainingLoopTests : IDisposable
{
    /// <summary>The seed preset in small: batches reach over the end of an epoch at steps 5 and 9.</summary>
    private static readonly TrainingOptions Plain = TrainingOptions.Seed with
    {
        HiddenSize = 8,
        BatchSize = 48,
        Steps = 11,
        LogEvery = 2,
        Threads = 1,
    };

    /// <summary>With everything that has a state or a random number.</summary>
    private static readonly TrainingOptions Everything = Plain with
    {
        Schedule = Schedule.Cosine,
        WarmUpSteps = 3,
        WeightDecay = 0.1,
        GradientClip = 1,
        AverageDecay = 0.9,
        NumberFormat = NumberFormat.BFloat16,
        FloatShare = 0.5,
        Rotation = 10,
        Scale = 0.1,
        Shift = 2,
        Threads = 2,
    };

    private static readonly MnistDataset Data =
        new(TestDigits.Bars(200, stream: 1), TestDigits.Bars(50, stream: 2), TestDigits.Bars(50, stream: 3));

    private readonly string _folder = Directory.CreateTempSubdirectory("mnist-lstm-").FullName;

    public static TheoryData<string, int> Stops => new()
    {
        { nameof(Plain), 1 }, { nameof(Plain), 5 }, { nameof(Plain), 8 }, { nameof(Everything), 1 },
            { nameof(Everything), 6 }, { nameof(Everything), 10 },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void One_batch_can_be_memorized()
    {
        const float learned = 0.01f;
        DigitSet batch = TestDigits.Mnist(32);
        TrainingOptions options = TrainingOptions.Seed with
        {
            HiddenSize = 64,
            BatchSize = 32,
            Steps = 150,
            LearningRate = 0.01,
            LogEvery = 150,
        };

        using LstmClassifier network =
            Run(options, new MnistDataset(batch, batch, batch), TrainingObserver.None, out TrainingHistory history);

        history.LogLines.ShouldHaveSingleItem().Loss.ShouldBeLessThan(learned);
        history.LogLines[0].Accuracy.ShouldBe(1);
        ClassificationMetrics.Measure(
            Softmax.Of(network.PredictLogits(batch), temperature: 1), batch.Labels).Correct.ShouldBe(32);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_bit_for_bit_and_another_gives_others()
    {
        byte[] one = Train("one", Everything);
        byte[] same = Train("same", Everything);
        byte[] other = Train("other", Everything with { RandomSeed = 1 });

        same.ShouldBe(one);
        other.ShouldNotBe(one);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void A_checkpoint_that_is_truncated_in_its_weights_is_rejected(double share)
    {
        Should.Throw<OperationCanceledException>(() => Train("cut", Plain, stopAfter: 1));
        byte[] whole = File.ReadAllBytes(PathOf("cut"));
        File.WriteAllBytes(PathOf("cut"), whole[..(int)(share * whole.Length)]);

        Should.Throw<TrainerException>(() => Train("cut", Plain, resume: true))
            .Message.ShouldBe($"'{PathOf("cut")}' is a damaged checkpoint; delete it to start again.");
    }

    [Theory]
    [MemberData(nameof(Stops))]
    public void A_run_stopped_after_any_step_continues_to_the_same_weights(string recipe, int stopAfter)
    {
        TrainingOptions options = recipe == nameof(Plain) ? Plain : Everything;
        byte[] uninterrupted = Train("whole", options);

        Should.Throw<OperationCanceledException>(() => Train("stopped", options, stopAfter: stopAfter));
        byte[] resumed = Train("stopped", options, resume: true);

        resumed.ShouldBe(uninterrupted);
    }

    [Fact]
    public void A_run_that_was_killed_continues_from_its_last_epoch_to_the_same_weights_and_log()
    {
        // What a killed process leaves is the checkpoint of its last epoch: here that of step 5, found after step 7.
        string checkpoint = PathOf("killed");
        var uninterrupted = new List<string>();
        byte[] whole = Train("killed", Everything, observer: Log(uninterrupted) with
        {
            Stepped = progress =>
            {
                if (progress.Step == 7)
                {
                    File.Copy(checkpoint, PathOf("left"));
                }
            },
        });

        var resumed = new List<string>();
        var steps = new List<int>();
        TrainingObserver observer = Log(resumed) with { Stepped = progress => steps.Add(progress.Step) };
        byte[] weights = Train("left", Everything, resume: true, observer: observer);

        weights.ShouldBe(whole);
        steps.ShouldBe([6, 7, 8, 9, 10, 11]);
        resumed.ShouldBe(uninterrupted[2..]);
    }

    [Fact]
    public void Without_resume_a_run_starts_over()
    {
        byte[] uninterrupted = Train("whole", Plain);
        Should.Throw<OperationCanceledException>(() => Train("stopped", Plain, stopAfter: 3));

        Train("stopped", Plain, resume: false).ShouldBe(uninterrupted);
    }

    [Fact]
    public void A_loss_that_is_not_a_number_stops_the_run_with_a_sentence()
    {
        TrainingOptions diverging = Plain with { LearningRate = 1e37 };

        TrainerException problem = Should.Throw<TrainerException>(() => Train("diverging", diverging));

        problem.Message.ShouldMatch(
            "^The loss became .* at step [0-9]+: training diverged. Try a lower --learning-rate first, then a "
            + "--gradient-clip of 1, then another --seed.$");
        problem.ExitCode.ShouldBe(ExitCodes.RunFailed);
    }

    [Fact]
    public void The_post_s_781_steps_print_its_78_lines()
    {
        TrainingOptions options = TrainingOptions.Seed with { HiddenSize = 1, BatchSize = 1 };

        using LstmClassifier network = Run(options, Data, TrainingObserver.None, out TrainingHistory history);

        history.Losses.Count.ShouldBe(781);
        history.LogLines.Select(line => line.Step).ShouldBe(Enumerable.Range(1, 78).Select(n => 10 * n));
    }

    [Fact]
    public void More_threads_than_parts_of_a_batch_change_nothing()
    {
        TrainingOptions options = Plain with { BatchSize = 4, Steps = 3, LogEvery = 0 };

        // Batches of 4 have two parts of 2 images for three threads.
        Train("three", options with { Threads = 3 }).ShouldBe(Train("two", options with { Threads = 2 }));
    }

    [Fact]
    public void A_batch_of_more_than_all_images_is_refused() =>
        Should.Throw<TrainerException>(
                () => TrainingPlan.WholeBatches(Plain, epochs: 3, stepsAnEpoch: 0, "--learning-rate"))
            .Message.ShouldBe("There are fewer images to learn from than a batch has (48).");

    [Fact]
    public void A_line_measures_the_step_s_batch_after_the_update()
    {
        // A batch that is the whole training set: the next step's loss, taken before its update, is that of the line
        // before.
        DigitSet batch = TestDigits.Bars(20, stream: 1);
        TrainingOptions options = Plain with { BatchSize = 20, LogEvery = 1 };

        using LstmClassifier network =
            Run(options, new MnistDataset(batch, batch, batch), TrainingObserver.None, out TrainingHistory history);

        const double otherOrder = 1e-5; // of the images in the sum
        history.LogLines.SkipLast(1).Select(line => (double)line.Loss)
            .ShouldBe(history.Losses.Skip(1).Select(loss => (double)loss), otherOrder);
        (history.LogLines[^1].Loss < history.LogLines[0].Loss).ShouldBeTrue();
    }

    [Fact]
    public void Each_epoch_is_validated_and_leaves_a_checkpoint()
    {
        var epochs = new List<(int Epoch, int Step, double Accuracy)>();

        TrainingObserver observer = TrainingObserver.None with
        {
            EpochEnded = e => epochs.Add((e.Epoch, e.Step, e.ValidationAccuracy)),
        };
        Train("whole", Plain, observer: observer);

        epochs.Select(epoch => (epoch.Epoch, epoch.Step)).ShouldBe([(1, 5), (2, 9), (3, 11)]);
        epochs.ShouldAllBe(epoch => epoch.Accuracy >= 0 && epoch.Accuracy <= 1);
        File.Exists(PathOf("whole")).ShouldBeTrue();
    }

    private static LstmClassifier Run(
        TrainingOptions options, MnistDataset data, TrainingObserver observer, out TrainingHistory history)
    {
        TrainedNetwork trained = LabelObjective.Run(
            options, data, new TrainingLoop(
                Checkpoint: null, observer, Resume: false, TestContext.Current.CancellationToken));
        history = trained.History;
        return trained.Network;
    }

    private static TrainingObserver Log(List<string> lines) =>
        TrainingObserver.None with { Logged = line => lines.Add(BlogPostLog.Line(line)) };

    private string PathOf(string name) => Path.Combine(_folder, name + ".checkpoint");

    /// <returns>All weights, byte by byte.</returns>
    private byte[] Train(string name, TrainingOptions options, bool resume = false, int? stopAfter = null,
        TrainingObserver? observer = null)
    {
        using var cancellation = new CancellationTokenSource();
        observer ??= TrainingObserver.None with
        {
            Stepped = progress =>
            {
                if (progress.Step == stopAfter)
                {
                    cancellation.Cancel();
                }
            },
        };
        var checkpoint = new Checkpoint(PathOf(name), Checkpoint.Recipe(options));
        var loop = new TrainingLoop(checkpoint, observer, resume, cancellation.Token);
        using LstmClassifier network = LabelObjective.Run(options, Data, loop).Network;
        return [.. network.Weights.SelectMany(weights => weights.bytes.ToArray())];
    }
}
