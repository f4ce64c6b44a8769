using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Trainer.Distillation;

/// <summary>
/// A teacher's cross-entropy with the labels, on views that are made as it goes. A batch is one chunk, on one thread:
/// batch normalization needs it whole, and the teachers learn side by side.
/// </summary>
/// <param name="teacher">Its number, from 0.</param>
public sealed class TeacherObjective(int teacher, TrainingOptions options, MnistDataset data, TeacherNetwork network)
    : IObjective
{
    private const double WarmUp = 0.1; // share of the steps over which the learning rate rises
    private const float PictureShare = 0.35f;

    /// <summary>At most; a smaller training set has fewer.</summary>
    private const int StatisticsBatches = 60;

    private const int StatisticsBatch = 256;

    private static readonly TrainingOptions Recipe = new()
    {
        Preset = "teacher",
        BatchSize = 64,
        LearningRate = 0.002,
        Schedule = Schedule.Cosine,
        WeightDecay = 0.02,
        GradientClip = 5,
        AverageDecay = 0.9985,
    };

    private readonly DataOrder _order = new(data.Train.Count, options.RandomSeed, RandomPurpose.TeacherOrder + teacher);
    private readonly int _stepsAnEpoch = data.Train.Count / Recipe.BatchSize;
    private readonly Augmentation _augmentation = new();

    public TrainingPlan Plan { get; } = MakePlan(options.TeacherEpochs, data.Train.Count / Recipe.BatchSize);

    /// <param name="teacher">Its number, from 0.</param>
    /// <param name="loop">Its observer gets a line for each epoch.</param>
    /// <returns>The teacher, and the time that its training took.</returns>
    public static (TeacherNetwork Network, TimeSpan Elapsed) Run(
        int teacher, TrainingOptions options, MnistDataset data, TrainingLoop loop)
    {
        var network = new TeacherNetwork(teacher, options.RandomSeed, options.Format);
        using var optimizer = new Muon(network.Parameters, Recipe);
        var objective = new TeacherObjective(teacher, options, data, network);
        TimeSpan timeLeft = default;
        TrainingHistory history = (loop with
        {
            Observer = loop.Observer with
            {
                Stepped = progress => timeLeft = progress.TimeLeft,
                EpochEnded = epoch => loop.Observer.Noted(objective.Line(epoch, timeLeft)),
            },
        }).Minimize(objective, optimizer, new TrainingHistory());
        objective.Recalibrate();
        return (network, history.Elapsed);
    }

    public (Tensor Gradient, float Loss) Gradient(int step)
    {
        (int epoch, int stepOfEpoch) = Math.DivRem(step, _stepsAnEpoch);
        ReadOnlySpan<int> batch = _order.OfEpoch(epoch).Span.Slice(stepOfEpoch * Recipe.BatchSize, Recipe.BatchSize);
        var pixels = new byte[batch.Length * RowSequence.Length];
        for (int b = 0; b < batch.Length; b++)
        {
            var random = new CounterRandom(options.RandomSeed, RandomPurpose.TeacherViews + teacher, epoch, batch[b]);
            MakeView(pixels, b, batch[b], random);
        }

        network.Parameters.ZeroGradients();
        Tensor logits = network.Forward(TeacherNetwork.Images(pixels), training: true); // [B, C]
        Tensor loss = F.cross_entropy(logits, Batch.Labels(data.Train, batch));
        loss.backward();
        return (network.Parameters.FlatGradient(), loss.item<float>());
    }

    /// <summary>Without the averaged weights, whose statistics <see cref="Recalibrate"/> measures at the end.</summary>
    public SplitResult Validate(Muon optimizer) => ClassificationMetrics.MeasureLogits(
        TeacherNetwork.Logits([network], data.Validation.Pixels), data.Validation.Labels);

    public void Save(BinaryWriter writer) => network.Statistics.Save(writer);

    public void Load(BinaryReader reader) => network.Statistics.Load(reader);

    /// <summary>The averaged weights have activations of their own: takes their statistics from some views.</summary>
    private void Recalibrate()
    {
        using var noGrad = no_grad();
        var pixels = new byte[StatisticsBatch * RowSequence.Length];
        int batches = Math.Clamp(data.Train.Count / StatisticsBatch, 1, StatisticsBatches);
        for (int batch = 0; batch < batches; batch++)
        {
            using DisposeScope scope = NewDisposeScope();
            for (int b = 0; b < StatisticsBatch; b++)
            {
                var random = new CounterRandom(options.RandomSeed, RandomPurpose.TeacherStatistics + teacher, batch, b);
                MakeView(pixels, b, random.NextInt(data.Train.Count), random);
            }

            // The mean over all batches so far.
            network.Forward(TeacherNetwork.Images(pixels), training: true, momentum: 1.0 / (batch + 1));
        }
    }

    private void MakeView(byte[] pixels, int place, int index, CounterRandom random) => _augmentation.MakeView(
        data.Train.Image(index), pixels.AsSpan(place * RowSequence.Length, RowSequence.Length), PictureShare, random);

    private static TrainingPlan MakePlan(int epochs, int stepsAnEpoch) => TrainingPlan.WholeBatches(
        Recipe with { WarmUpSteps = (int)(WarmUp * epochs * stepsAnEpoch) }, epochs, stepsAnEpoch, rateOption: null);

    private string Line(EpochRecord epoch, TimeSpan timeLeft) =>
        $"teacher {teacher + 1}, epoch {epoch.Epoch} of {options.TeacherEpochs}: training loss "
        + $"{epoch.TrainingLoss:F4}, validation loss {epoch.ValidationLoss:F4}, validation accuracy "
        + $"{100 * epoch.ValidationAccuracy:F2} %, {epoch.ImagesPerSecond:N0} images/s, {timeLeft.TotalMinutes:F0} min "
        + "left for it";
}
