using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
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
/// Trains teachers, then the <see cref="LstmClassifier"/> on what they say about many views of each training image
/// (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015).
/// </summary>
/// <param name="options">The recipe.</param>
/// <param name="data">Train is learned from, validation is measured after each epoch.</param>
/// <param name="checkpoint">Of the LSTM, written after each epoch and when the run is stopped; the teachers' stand beside it.</param>
/// <param name="observer">Told how it goes.</param>
public sealed class DistillationLoop(TrainingOptions options, MnistDataset data, Checkpoint checkpoint, TrainingObserver observer)
{
    /// <summary>Hyper-parameters, and the seed, that decide what a teacher learns.</summary>
    private static readonly string[] DecidesTeachers = ["seed", "teacher-epochs", "number-format"];

    // None is a temporary, see TensorExtensions.
    private readonly Scalar _softTemperature = options.SoftTemperature;

    // T² keeps the size of the soft gradient as the temperature varies (Hinton et al., section 2).
    private readonly Scalar _softWeight = -options.SoftShare * options.SoftTemperature * options.SoftTemperature;
    private readonly Scalar _hardWeight = 1 - options.SoftShare;

    private readonly int _stepsAnEpoch = data.Train.Count / options.BatchSize;

    /// <summary>Runs to the end.</summary>
    /// <param name="resume">Go on from the checkpoints, where there are some.</param>
    /// <param name="cancellation">Stops the run after a step.</param>
    /// <exception cref="OperationCanceledException">The run was stopped; checkpoints are left.</exception>
    /// <exception cref="TrainerException">The loss is no finite number; a checkpoint is damaged or of another recipe.</exception>
    public TrainedNetwork Run(bool resume, CancellationToken cancellation)
    {
        (TeacherNetwork[] teachers, TimeSpan elapsed) = TrainTeachers(resume, cancellation);
        try
        {
            return TrainStudent(new AugmentationCache(data.Train, teachers, options), elapsed, resume, cancellation);
        }
        finally
        {
            foreach (TeacherNetwork teacher in teachers)
            {
                teacher.Dispose();
            }
        }
    }

    /// <summary>Removes the teachers' checkpoints, when the run's model has been written.</summary>
    public static void DeleteTeachers(Checkpoint checkpoint, TrainingOptions options)
    {
        for (int teacher = 0; teacher < options.Teachers; teacher++)
        {
            TeacherCheckpoint(checkpoint, options, teacher).Delete();
        }
    }

    /// <returns>The teachers, and how long they took side by side.</returns>
    private (TeacherNetwork[] Teachers, TimeSpan Elapsed) TrainTeachers(bool resume, CancellationToken cancellation)
    {
        var teachers = new TeacherNetwork[options.Teachers];
        var times = new TimeSpan[options.Teachers];
        var notes = new Lock();
        try
        {
            Parallel.For(0, teachers.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, teacher =>
            {
                Checkpoint checkpointOfTeacher = TeacherCheckpoint(checkpoint, options, teacher);
                var training = new TeacherTraining(teacher, options, data, checkpointOfTeacher, Note);
                teachers[teacher] = training.Run(resume, cancellation);
                times[teacher] = training.Elapsed;
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions.FirstOrDefault(inner => inner is TrainerException) ?? e.InnerExceptions[0]);
        }

        SplitResult validation = ClassificationMetrics.Measure(
            Softmax.Of(TeacherNetwork.Logits(teachers, data.Validation.Pixels), temperature: 1), data.Validation.Labels);
        Note(string.Create(
            CultureInfo.InvariantCulture,
            $"teachers together: validation loss {validation.NegativeLogLikelihood:F4}, "
            + $"validation accuracy {100 * validation.Accuracy:F2} %"));
        return (teachers, times.Aggregate(TimeSpan.Zero, (sum, time) => sum + time) / Math.Min(options.Threads, options.Teachers));

        void Note(string line)
        {
            lock (notes)
            {
                observer.Noted(line);
            }
        }
    }

    private static Checkpoint TeacherCheckpoint(Checkpoint checkpoint, TrainingOptions options, int teacher) => new(
        Path.ChangeExtension(checkpoint.Path, $".teacher-{teacher + 1}.checkpoint"),
        [.. Checkpoint.Recipe(options).Where(line => DecidesTeachers.Contains(line.Split(' ')[0]))]);

    private TrainedNetwork TrainStudent(AugmentationCache views, TimeSpan elapsedBefore, bool resume, CancellationToken cancellation)
    {
        set_num_threads(1);
        var network = new LstmClassifier(options.HiddenSize);
        network.Initialize(options.InitialValues, options.RandomSeed);
        using Muon optimizer = Muon.Of(network, options);
        (int step, TrainingHistory history) = resume && checkpoint.Exists
            ? checkpoint.Load(optimizer.Load)
            : (0, new TrainingHistory { Elapsed = elapsedBefore });

        int totalSteps = _stepsAnEpoch * options.Epochs;
        int floatFrom = (int)Math.Round(totalSteps * (1 - options.FloatShare));
        using var fast = new Replicas(options.NumberFormat, options);
        using var float32 = new Replicas(NumberFormat.Float32, options);
        int[] order = [];
        int firstStep = step;
        elapsedBefore = history.Elapsed;
        var clock = Stopwatch.StartNew();
        while (step < totalSteps)
        {
            (int epoch, int stepOfEpoch) = Math.DivRem(step, _stepsAnEpoch);
            if (stepOfEpoch == 0 || step == firstStep)
            {
                order = [.. Enumerable.Range(0, data.Train.Count)];
                new CounterRandom(options.RandomSeed, RandomPurpose.DataOrder, epoch).Shuffle(order);
            }

            AugmentedSet view = views[epoch % options.Views];
            ReadOnlyMemory<int> batch = order.AsMemory(stepOfEpoch * options.BatchSize, options.BatchSize);
            using (DisposeScope scope = NewDisposeScope())
            {
                Replicas replicas = step < floatFrom ? fast : float32;
                (Tensor gradient, float loss) = replicas.Gradient(
                    network, batch.Length, (replica, _, first, count) => Loss(replicas, replica, view, batch.Span.Slice(first, count)));
                if (!float.IsFinite(loss))
                {
                    throw new TrainerException(
                        $"The loss became {loss} at step {step + 1:N0}: training diverged. Try a lower --learning-rate.", ExitCodes.RunFailed);
                }

                optimizer.Step(gradient, LearningRate.At(options, step, totalSteps));
                history.Losses.Add(loss);
            }

            step++;
            history.Elapsed = elapsedBefore + clock.Elapsed;
            double stepsPerSecond = (step - firstStep) / clock.Elapsed.TotalSeconds;
            observer.Stepped(new TrainingProgress(
                step, totalSteps, history.Losses[^1], stepsPerSecond * options.BatchSize, (totalSteps - step) / stepsPerSecond * TimeSpan.FromSeconds(1)));

            if (step % _stepsAnEpoch == 0)
            {
                EpochRecord record = Validate(network, optimizer, step, totalSteps, history, stepsPerSecond);
                history.Epochs.Add(record);
                observer.EpochEnded(record);
                checkpoint.Save(step, history, optimizer.Save);
            }

            if (cancellation.IsCancellationRequested && step < totalSteps)
            {
                checkpoint.Save(step, history, optimizer.Save);
                throw new OperationCanceledException(cancellation);
            }
        }

        optimizer.Finish();
        return new TrainedNetwork(network, history);
    }

    private EpochRecord Validate(
        LstmClassifier network, Muon optimizer, int step, int totalSteps, TrainingHistory history, double stepsPerSecond)
    {
        float[] logits = optimizer.WithAverage(() => network.PredictLogits(data.Validation));
        SplitResult result = ClassificationMetrics.Measure(Softmax.Of(logits, temperature: 1), data.Validation.Labels);
        return new EpochRecord(
            Epoch: step / _stepsAnEpoch,
            Step: step,
            LearningRate: LearningRate.At(options, step - 1, totalSteps),
            TrainingLoss: history.Losses.Skip(step - _stepsAnEpoch).Average(),
            ValidationLoss: result.NegativeLogLikelihood,
            ValidationAccuracy: result.Accuracy,
            ImagesPerSecond: stepsPerSecond * options.BatchSize);
    }

    /// <summary>Sum over the images of the cross-entropies with the teachers' softened probabilities and with the label.</summary>
    private Tensor Loss(Replicas replicas, LstmClassifier network, AugmentedSet view, ReadOnlySpan<int> indices)
    {
        var rows = new float[indices.Length * RowSequence.Length];
        var teacherLogits = new float[indices.Length * ModelContract.Classes];
        for (int b = 0; b < indices.Length; b++)
        {
            int index = indices[b];
            RowSequence.FromPixels(
                view.Pixels.AsSpan(index * RowSequence.Length, RowSequence.Length), rows.AsSpan(b * RowSequence.Length, RowSequence.Length));
            view.Logits.AsSpan(index * ModelContract.Classes, ModelContract.Classes).CopyTo(teacherLogits.AsSpan(b * ModelContract.Classes));
        }

        Tensor logits = replicas.Logits(network, rows); // [B, C]
        Tensor teacher = F.softmax(tensor(teacherLogits, [indices.Length, ModelContract.Classes]) / _softTemperature, 1);
        Tensor soft = (teacher * F.log_softmax(logits / _softTemperature, 1)).sum() * _softWeight;
        Tensor hard = F.cross_entropy(logits, Batch.Labels(data.Train, indices), reduction: nn.Reduction.Sum) * _hardWeight;
        return soft.Plus(hard);
    }
}
