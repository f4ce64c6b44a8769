using System.Runtime.ExceptionServices;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Distillation;

/// <summary>Trains teachers side by side, then the <see cref="LstmClassifier"/> on what they say.</summary>
public static class Distiller
{
    /// <summary>Hyperparameters, and the seed, that decide what a teacher learns.</summary>
    private static readonly string[] DecidesTeachers = ["--seed", "--teacher-epochs", "--number-format"];

    /// <param name="loop">With the LSTM's checkpoint; the teachers' stand beside it.</param>
    /// <exception cref="OperationCanceledException">The run was stopped; checkpoints are left.</exception>
    /// <exception cref="TrainerException">The loss is not finite, or a checkpoint does not fit.</exception>
    public static TrainedNetwork Run(TrainingOptions options, MnistDataset data, TrainingLoop loop)
    {
        loop.Observer.Noted($"training {options.Teachers} teachers, {options.TeacherEpochs} epochs each");
        (TeacherNetwork[] teachers, TimeSpan elapsed) = TrainTeachers(options, data, loop);
        loop.Observer.Noted($"training the LSTM on {options.Views} views of each image, {options.Epochs} epochs");
        try
        {
            LstmClassifier network =
                LstmClassifier.Create(options.HiddenSize, options.InitialValues, options.RandomSeed);
            using Muon optimizer = Muon.Of(network, options);
            var views = new AugmentationCache(data.Train, teachers, options);
            using var objective = new DistillationObjective(options, data, network, views);
            var history = new TrainingHistory { Elapsed = elapsed };
            return new TrainedNetwork(network, loop.Minimize(objective, optimizer, history));
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
    public static void DeleteTeachers(Checkpoint checkpoint, TrainingOptions options, MnistDataset data)
    {
        for (int teacher = 0; teacher < options.Teachers; teacher++)
        {
            TeacherCheckpoint(checkpoint, options, data, teacher).Delete();
        }
    }

    /// <returns>The teachers, and how long they took side by side.</returns>
    private static (TeacherNetwork[] Teachers, TimeSpan Elapsed) TrainTeachers(
        TrainingOptions options, MnistDataset data, TrainingLoop loop)
    {
        var teachers = new TeacherNetwork[options.Teachers];
        var times = new TimeSpan[options.Teachers];
        var notes = new Lock();
        try
        {
            Parallel.For(0, teachers.Length,
                new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, teacher =>
                (teachers[teacher], times[teacher]) = TeacherObjective.Run(teacher, options, data, loop with
                {
                    Checkpoint = TeacherCheckpoint(loop.Checkpoint!, options, data, teacher),
                    Observer = TrainingObserver.None with { Noted = Note },
                }));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(
                e.InnerExceptions.FirstOrDefault(inner => inner is TrainerException) ?? e.InnerExceptions[0]);
        }

        SplitResult validation = ClassificationMetrics.MeasureLogits(
            TeacherNetwork.Logits(teachers, data.Validation.Pixels), data.Validation.Labels);
        Note($"teachers together: validation loss {validation.NegativeLogLikelihood:F4}, "
            + $"validation accuracy {100 * validation.Accuracy:F2} %");
        TimeSpan all = times.Aggregate(TimeSpan.Zero, (sum, time) => sum + time);
        return (teachers, all / Math.Min(options.Threads, options.Teachers));

        void Note(string line)
        {
            lock (notes)
            {
                loop.Observer.Noted(line);
            }
        }
    }

    private static Checkpoint TeacherCheckpoint(
        Checkpoint checkpoint, TrainingOptions options, MnistDataset data, int teacher) => new(
        Path.ChangeExtension(checkpoint.Path, $".teacher-{teacher + 1}.checkpoint"),
        [.. Checkpoint.Recipe(options).Where(line => DecidesTeachers.Contains(line.Split(' ')[0])), data.Recipe]);
}
