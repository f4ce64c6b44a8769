using System.Diagnostics;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Training;

/// <summary>Trains any network: steps, clock, checkpoint, cancellation, progress and log.</summary>
/// <param name="Checkpoint">Written after each epoch and when the run is stopped; null for none.</param>
/// <param name="Cancellation">Stops the run after a step; a checkpoint is left.</param>
public sealed record TrainingLoop(
    Checkpoint? Checkpoint, TrainingObserver Observer, bool Resume, CancellationToken Cancellation)
{
    /// <summary>Runs to the end.</summary>
    /// <param name="optimizer">The optimizer of these weights, which it changes.</param>
    /// <param name="history">The history of the training that continues.</param>
    /// <exception cref="TrainerException">The loss is not finite, or the checkpoint does not fit.</exception>
    public TrainingHistory Minimize(IObjective objective, Muon optimizer, TrainingHistory history)
    {
        set_num_threads(1); // the replicas have a thread each
        int total = objective.Plan.TotalSteps;
        int step = 0;
        if (Resume && Checkpoint is { Exists: true })
        {
            (step, history) = Checkpoint.Load(reader =>
            {
                optimizer.Load(reader);
                objective.Load(reader);
            });
        }

        int firstStep = step;
        TimeSpan elapsedBefore = history.Elapsed;
        var clock = Stopwatch.StartNew();
        while (step < total)
        {
            history.Losses.Add(TakeStep(objective, optimizer, step));
            if (objective.Log(step) is { } line)
            {
                history.LogLines.Add(line);
                Observer.Logged(line);
            }

            step++;
            history.Elapsed = elapsedBefore + clock.Elapsed;
            double stepsPerSecond = (step - firstStep) / clock.Elapsed.TotalSeconds;
            double imagesPerSecond = stepsPerSecond * objective.Plan.Recipe.BatchSize;
            TimeSpan timeLeft = (total - step) / stepsPerSecond * TimeSpan.FromSeconds(1);
            Observer.Stepped(new TrainingProgress(
                step, history.Losses.Count, total, history.Losses[^1], imagesPerSecond, timeLeft));

            bool isStopped = Cancellation.IsCancellationRequested && step < total;
            bool endsEpoch = objective.Plan.EndsEpoch(step);
            if (endsEpoch)
            {
                history.Epochs.Add(Validate(objective, optimizer, step, history, imagesPerSecond));
            }

            if (endsEpoch || isStopped)
            {
                Save(step, objective, optimizer, history);
            }

            if (endsEpoch)
            {
                Observer.EpochEnded(history.Epochs[^1]);
            }

            if (isStopped)
            {
                throw new OperationCanceledException(Cancellation);
            }
        }

        optimizer.Finish();
        return history;
    }

    private static float TakeStep(IObjective objective, Muon optimizer, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor gradient, float loss) = objective.Gradient(step);
        if (!float.IsFinite(loss))
        {
            throw new TrainerException(
                $"The loss became {loss} at step {step + 1:N0}: training diverged. Try {objective.Plan.Remedies}.",
                ExitCodes.RunFailed);
        }

        optimizer.Step(gradient, objective.Plan.LearningRate(step));
        return loss;
    }

    private void Save(int step, IObjective objective, Muon optimizer, TrainingHistory history) =>
        Checkpoint?.Save(step, history, writer =>
        {
            optimizer.Save(writer);
            objective.Save(writer);
        });

    private static EpochRecord Validate(
        IObjective objective, Muon optimizer, int step, TrainingHistory history, double imagesPerSecond)
    {
        SplitResult result = objective.Validate(optimizer);
        int epochStart = history.Epochs.Count == 0 ? 0 : history.Epochs[^1].Step;
        return new EpochRecord(
            Epoch: history.Epochs.Count + 1,
            Step: history.Losses.Count,
            LearningRate: objective.Plan.LearningRate(step - 1),
            TrainingLoss: history.Losses.Skip(epochStart).Average(),
            ValidationLoss: result.NegativeLogLikelihood,
            ValidationAccuracy: result.Accuracy,
            ImagesPerSecond: imagesPerSecond);
    }
}
