using System.Diagnostics;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MnistLstm.Trainer.Training;

/// <summary>Trains an <see cref="LstmClassifier"/> on labels: batch, loss, gradient, update.</summary>
/// <param name="options">The recipe.</param>
/// <param name="data">Train is learned from, validation is measured after each epoch.</param>
/// <param name="checkpoint">Written after each epoch and when the run is stopped; null for none.</param>
/// <param name="observer">Told how it goes.</param>
public sealed class TrainingLoop(TrainingOptions options, MnistDataset data, Checkpoint? checkpoint, TrainingObserver observer)
{
    private readonly int _totalSteps = options.TotalSteps(data.Train.Count);

    /// <summary>Runs to the end.</summary>
    /// <param name="resume">Go on from the checkpoint, if there is one.</param>
    /// <param name="cancellation">Stops the run after a step; a checkpoint is left.</param>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="TrainerException">The loss is no finite number; the checkpoint is damaged or of another recipe.</exception>
    public TrainedNetwork Run(bool resume, CancellationToken cancellation)
    {
        set_num_threads(options.Threads);
        var network = new LstmClassifier(options.HiddenSize);
        network.Initialize(options.InitialValues, options.RandomSeed);
        using var optimizer = new AdamW(network.TrainedWeights, options);
        (int step, TrainingHistory history) = resume && checkpoint is { Exists: true } ? checkpoint.Load(optimizer.Load) : (0, new TrainingHistory());

        var order = new DataOrder(data.Train.Count, options.RandomSeed);
        int firstStep = step;
        TimeSpan elapsedBefore = history.Elapsed;
        var clock = Stopwatch.StartNew();
        while (step < _totalSteps)
        {
            history.Losses.Add(TakeStep(network, optimizer, order, step, history));
            step++;
            history.Elapsed = elapsedBefore + clock.Elapsed;
            double stepsPerSecond = (step - firstStep) / clock.Elapsed.TotalSeconds;
            observer.Stepped(new TrainingProgress(
                step, _totalSteps, history.Losses[^1], stepsPerSecond * options.BatchSize, (_totalSteps - step) / stepsPerSecond * TimeSpan.FromSeconds(1)));

            if (EndsEpoch(step))
            {
                EpochRecord epoch = Validate(network, optimizer, step, history, stepsPerSecond);
                history.Epochs.Add(epoch);
                observer.EpochEnded(epoch);
                checkpoint?.Save(step, history, optimizer.Save);
            }

            if (cancellation.IsCancellationRequested && step < _totalSteps)
            {
                checkpoint?.Save(step, history, optimizer.Save);
                throw new OperationCanceledException(cancellation);
            }
        }

        optimizer.Finish();
        return new TrainedNetwork(network, history);
    }

    private float TakeStep(LstmClassifier network, AdamW optimizer, DataOrder order, int step, TrainingHistory history)
    {
        using DisposeScope scope = NewDisposeScope();
        Span<int> batch = new int[options.BatchSize];
        order.CopyBatch(step, batch);
        Tensor rows = AffineWarp.Apply(Batch.Rows(data.Train, batch), options, step); // [B, T, I]
        Tensor labels = Batch.Labels(data.Train, batch); // [B]

        optimizer.ZeroGradients();
        Tensor loss = F.cross_entropy(network.forward(rows), labels);
        float lossValue = loss.item<float>();
        if (!float.IsFinite(lossValue))
        {
            throw new TrainerException(
                $"The loss became {lossValue} at step {step + 1:N0}: training diverged. Try a lower --learning-rate or a --gradient-clip of 1.",
                ExitCodes.RunFailed);
        }

        loss.backward();
        optimizer.Step(LearningRate.At(options, step, _totalSteps));

        if (options.LogEvery > 0 && (step + 1) % options.LogEvery == 0)
        {
            StepRecord line = Measure(network, rows, labels, step + 1);
            history.LogLines.Add(line);
            observer.Logged(line);
        }

        return lossValue;
    }

    private static StepRecord Measure(LstmClassifier network, Tensor rows, Tensor labels, int step)
    {
        using var noGrad = no_grad();
        Tensor logits = network.forward(rows);
        float loss = F.cross_entropy(logits, labels).item<float>();
        long correct = logits.argmax(1).eq(labels).sum().item<long>();
        return new StepRecord(step, loss, (float)correct / labels.shape[0]);
    }

    private EpochRecord Validate(
        LstmClassifier network, AdamW optimizer, int step, TrainingHistory history, double stepsPerSecond)
    {
        float[] logits = optimizer.WithAverage(() => network.PredictLogits(data.Validation));
        SplitResult result = ClassificationMetrics.Measure(Softmax.Of(logits, temperature: 1), data.Validation.Labels);
        int epochStart = history.Epochs.Count == 0 ? 0 : history.Epochs[^1].Step;
        return new EpochRecord(
            Epoch: history.Epochs.Count + 1,
            Step: step,
            LearningRate: LearningRate.At(options, step - 1, _totalSteps),
            TrainingLoss: history.Losses.Skip(epochStart).Average(),
            ValidationLoss: result.NegativeLogLikelihood,
            ValidationAccuracy: result.Accuracy,
            ImagesPerSecond: stepsPerSecond * options.BatchSize);
    }

    /// <summary>Whether the last batch held the last image of a shuffle, or was the last of all.</summary>
    private bool EndsEpoch(int step)
    {
        long images = (long)step * options.BatchSize;
        return step == _totalSteps || images / data.Train.Count > (images - options.BatchSize) / data.Train.Count;
    }
}
