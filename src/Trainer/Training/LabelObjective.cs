using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Trainer.Training;

/// <summary>The cross-entropy with the labels alone, as in the blog post's program.</summary>
public sealed class LabelObjective(TrainingOptions options, MnistDataset data, LstmClassifier network)
    : IObjective, IDisposable
{
    private readonly Replicas _replicas =
        new(network, options, options.FloatFrom(options.TotalSteps(data.Train.Count)));
    private readonly DataOrder _order = new(data.Train.Count, options.RandomSeed);
    private readonly int[] _batch = new int[options.BatchSize]; // indices into the training set

    public TrainingPlan Plan { get; } =
        new(options, options.TotalSteps(data.Train.Count), EpochImages: data.Train.Count, "--learning-rate");

    /// <summary>Trains a new network by Adam's rule.</summary>
    public static TrainedNetwork Run(TrainingOptions options, MnistDataset data, TrainingLoop loop)
    {
        LstmClassifier network = LstmClassifier.Create(options.HiddenSize, options.InitialValues, options.RandomSeed);
        using var optimizer = new Muon(network.TrainedWeights, options);
        using var objective = new LabelObjective(options, data, network);
        return new TrainedNetwork(network, loop.Minimize(objective, optimizer, new TrainingHistory()));
    }

    public (Tensor Gradient, float Loss) Gradient(int step)
    {
        _order.CopyBatch(step, _batch);
        return _replicas.Gradient(step, _batch.Length, (replica, first, count) => F.cross_entropy(
            replica.Logits(Rows(step, first, count)),
            Batch.Labels(data.Train, _batch.AsSpan(first, count)),
            reduction: nn.Reduction.Sum));
    }

    public StepRecord? Log(int step)
    {
        if (options.LogEvery == 0 || (step + 1) % options.LogEvery != 0)
        {
            return null;
        }

        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor logits = network.forward(Rows(step, 0, _batch.Length));
        Tensor labels = Batch.Labels(data.Train, _batch);
        float loss = F.cross_entropy(logits, labels).item<float>();
        long correct = logits.argmax(1).eq(labels).sum().item<long>();
        return new StepRecord(step + 1, loss, (float)correct / _batch.Length);
    }

    public SplitResult Validate(Muon optimizer) => _replicas.Measure(optimizer, data.Validation);

    public void Dispose() => _replicas.Dispose();

    /// <summary>A part of the step's images, warped.</summary>
    /// <returns>[count, T, I] intensities</returns>
    private Tensor Rows(int step, int first, int count) =>
        AffineWarp.Apply(Batch.Rows(data.Train, _batch.AsSpan(first, count)), options, step, first);
}
