using System.Runtime.InteropServices;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.OutOfDistribution;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Tests.OutOfDistribution;

public sealed class OodObjectiveTests : IDisposable
{
    /// <summary>Small, but with everything in it: views, pictures of no digit, both margins.</summary>
    private static readonly TrainingOptions Recipe = TrainingOptions.Best with
    {
        HiddenSize = 16,
        BatchSize = 96,
        EvidenceEpochs = 3,
        EvidenceRate = 0.01,
        NonDigitPictures = 60,
        NonDigitShare = 0.25, // two steps an epoch
    };

    private static readonly MnistDataset Data = new(
        BarDigits.Make(200, stream: 1), BarDigits.Make(50, stream: 2), BarDigits.Make(50, stream: 3));

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Evidence_rises_for_digits_and_falls_for_everything_else()
    {
        TrainingOptions options = Recipe with
        {
            BatchSize = 40,
            EvidenceEpochs = 15,
            EvidenceRate = 0.03,
            EvidenceWeight = 1,
            DigitMargin = 6,
            NonDigitMargin = 0,
        };
        using LstmClassifier before = Start();
        using LstmClassifier after = Run("gap", resume: false, stopAfter: null, options);
        DigitSet others = Others();

        double gapBefore = Mean(before, Data.Validation) - Mean(before, others);
        double gapAfter = Mean(after, Data.Validation) - Mean(after, others);

        gapAfter.ShouldBeGreaterThan(gapBefore + 1); // nats; the margins are 6 apart
        static double Mean(LstmClassifier network, DigitSet pictures) =>
            IsDigitThreshold.Evidence(network.PredictLogits(pictures)).Average();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_run_stopped_after_any_step_continues_to_the_same_weights(int stopAfter)
    {
        byte[] uninterrupted = Weights(Run("whole", resume: false, stopAfter: null));

        Should.Throw<OperationCanceledException>(() => Run("stopped", resume: false, stopAfter));
        byte[] resumed = Weights(Run("stopped", resume: true, stopAfter: null));

        resumed.ShouldBe(uninterrupted);
    }

    [Fact]
    public void A_run_that_was_killed_continues_from_its_last_epoch_to_the_same_weights()
    {
        // What a killed process leaves is the checkpoint of its last epoch: here that of step 2, found after step 3.
        byte[] whole = Weights(Run("killed", resume: false, stopAfter: null, observer: TrainingObserver.None with
        {
            Stepped = progress =>
            {
                if (progress.Step == 3)
                {
                    File.Copy(Path.Combine(_folder, "killed.checkpoint"), Path.Combine(_folder, "left.checkpoint"));
                }
            },
        }));

        Weights(Run("left", resume: true, stopAfter: null)).ShouldBe(whole);
    }

    [Fact]
    public void One_thread_and_two_learn_the_same_but_for_rounding()
    {
        const float rounding = 1e-3f; // of two steps of at most 1e-2, whose direction is rounded to bfloat16
        TrainingOptions twoSteps = Recipe with { EvidenceEpochs = 1 };

        float[] one = MemoryMarshal.Cast<byte, float>(
            Weights(Run("one", resume: false, stopAfter: null, twoSteps with { Threads = 1 }))).ToArray();
        float[] two = MemoryMarshal.Cast<byte, float>(
            Weights(Run("two", resume: false, stopAfter: null, twoSteps with { Threads = 2 }))).ToArray();

        one.Zip(two, (a, b) => MathF.Abs(a - b)).Max().ShouldBeLessThan(rounding);
    }

    [Fact]
    public void The_history_of_the_earlier_training_continues()
    {
        var history = new TrainingHistory();
        history.Losses.AddRange([3, 2]);
        history.Epochs.Add(new EpochRecord(1, 2, 0.1, 2.5, 2, 0.5, 100));

        TrainedNetwork trained = OodObjective.Run(
            Recipe,
            Data,
            new TrainedNetwork(Start(), history),
            new TrainingLoop(CheckpointOf("history", Recipe), TrainingObserver.None, Resume: false,
                CancellationToken.None));

        trained.History.Epochs.Select(epoch => epoch.Epoch).ShouldBe([1, 2, 3, 4]);
        trained.History.Epochs[^1].Step.ShouldBe(trained.History.Losses.Count);
        trained.Network.Dispose();
    }

    [Fact]
    public async Task Drawing_non_digits_can_be_stopped()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        TrainingOptions many = Recipe with { NonDigitPictures = 50_000 }; // take much longer than that

        await Should.ThrowAsync<OperationCanceledException>(
            Task.Run(() => NonDigitPool.Draw(Data.Train, many, stop.Token)));
    }

    private static LstmClassifier Start()
    {
        var network = new LstmClassifier(Recipe.HiddenSize);
        network.Initialize(InitialValues.PyTorch, seed: 5);
        return network;
    }

    private static DigitSet Others() => NonDigitPool.Draw(Data.Validation, Recipe with { RandomSeed = 9 }).Pictures;

    private static byte[] Weights(LstmClassifier network)
    {
        using (network)
        {
            return [.. network.Weights.SelectMany(weights => weights.bytes.ToArray())];
        }
    }

    private Checkpoint CheckpointOf(string name, TrainingOptions options) =>
        new(Path.Combine(_folder, name + ".checkpoint"), Checkpoint.Recipe(options));

    private LstmClassifier Run(
        string name, bool resume, int? stopAfter, TrainingOptions? options = null, TrainingObserver? observer = null)
    {
        options ??= Recipe;
        using var cancellation = new CancellationTokenSource();
        TrainingObserver stopping = TrainingObserver.None with
        {
            Stepped = progress =>
            {
                if (progress.Step == stopAfter)
                {
                    cancellation.Cancel();
                }
            },
        };
        var loop = new TrainingLoop(CheckpointOf(name, options), observer ?? stopping, resume, cancellation.Token);
        return OodObjective.Run(options, Data, new TrainedNetwork(Start(), new TrainingHistory()), loop).Network;
    }
}
