using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Trainer.Training;

/// <summary>The cross-entropy with the labels alone, as the blog post's program has it.</summary>
public sealed class LabelObjective : IObjective, IDisposable
{
    private readonly TrainingOptions _options;
    private readonly MnistDataset _data;
    private readonly LstmClassifier _network;
    private readonly Replicas _replicas;
    private readonly DataOrder _order;
    private readonly int[] _batch; // [B], indices into the training set

    private LabelObjective(TrainingOptions options, MnistDataset data, LstmClassifier network)
    {
        _options = options;
        _data = data;
        _network = network;
        int totalSteps = options.TotalSteps(data.Train.Count);
        _replicas = new Replicas(network, options, options.FloatFrom(totalSteps));
        _order = new DataOrder(data.Train.Count, options.RandomSeed);
        _batch = new int[options.BatchSize];
        Plan = new TrainingPlan(
            totalSteps,
            options.BatchSize,
            data.Train.Count,
            step => LearningRate.At(options, step, totalSteps),
            TrainingPlan.RemediesFor(options, "--learning-rate"));
    }

    public TrainingPlan Plan { get; }

    /// <summary>Trains a new network by Adam's rule.</summary>
    /// <param name="options">The recipe.</param>
    /// <param name="data">Train is learned from, validation is measured after each epoch.</param>
    /// <param name="loop">How.</param>
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
            Batch.Labels(_data.Train, _batch.AsSpan(first, count)),
            reduction: nn.Reduction.Sum));
    }

    public StepRecord? Log(int step)
    {
        if (_options.LogEvery == 0 || (step + 1) % _options.LogEvery != 0)
        {
            return null;
        }

        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor logits = _network.forward(Rows(step, 0, _batch.Length));
        Tensor labels = Batch.Labels(_data.Train, _batch);
        float loss = F.cross_entropy(logits, labels).item<float>();
        long correct = logits.argmax(1).eq(labels).sum().item<long>();
        return new StepRecord(step + 1, loss, (float)correct / _batch.Length);
    }

    public SplitResult Validate(Muon optimizer) => ClassificationMetrics.MeasureLogits(
        optimizer.WithAverage(() => _network.PredictLogits(_data.Validation)), _data.Validation.Labels);

    public void Dispose() => _replicas.Dispose();

    /// <summary>A part of the step's images, warped.</summary>
    /// <returns>[count, T, I] intensities</returns>
    private Tensor Rows(int step, int first, int count) =>
        AffineWarp.Apply(Batch.Rows(_data.Train, _batch.AsSpan(first, count)), _options, step, first);
}
