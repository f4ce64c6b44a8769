using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Distillation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Tests.Distillation;

/// <summary>
/// A distillation in small, run once from beginning to end, and what it leaves: a teacher is what takes time, so the
/// other runs of the tests start from this one's.
/// </summary>
public sealed class TaughtRun : IDisposable
{
    /// <summary>Everything is in it: a teacher, views, both number formats; two steps an epoch.</summary>
    public static TrainingOptions Recipe { get; } = TrainingOptions.Best with
    {
        HiddenSize = 16,
        BatchSize = 32,
        Epochs = 3,
        WarmUpSteps = 2,
        Teachers = 1,
        TeacherEpochs = 2,
        Views = 2,
        NumberFormat = NumberFormat.BFloat16,
        FloatShare = 0.5,
    };

    private static readonly MnistDataset Data =
        new(TestDigits.Bars(66, stream: 1), TestDigits.Bars(20, stream: 2), TestDigits.Bars(20, stream: 3));

    private readonly string _folder = Directory.CreateTempSubdirectory("mnist-lstm-").FullName;

    public TaughtRun()
    {
        string teacher = TeacherOf("whole");
        Weights = Train("whole", Recipe, observer: TrainingObserver.None with
        {
            Noted = line =>
            {
                if (line.StartsWith("teacher 1, epoch 1 of 2", StringComparison.Ordinal))
                {
                    File.Copy(teacher, TeacherOf("half-taught"));
                }
            },
        });
    }

    /// <summary>All weights of the whole run, byte by byte.</summary>
    public byte[] Weights { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Gives a run that has not begun the teacher of the whole one.</summary>
    public void Teach(string name) => File.Copy(TeacherOf("whole"), TeacherOf(name));

    /// <param name="name">Runs of one name share their checkpoints; that of <c>half-taught</c> has a teacher of one
    /// epoch.</param>
    /// <param name="options">The recipe.</param>
    /// <param name="resume">Go on from the checkpoints, the teacher's among them.</param>
    /// <param name="stopAfter">Step of the LSTM after which the run is stopped.</param>
    /// <returns>All weights, byte by byte.</returns>
    public byte[] Train(
        string name, TrainingOptions options, bool resume = false, int? stopAfter = null,
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
        using LstmClassifier network = Distiller.Run(options, Data, loop).Network;
        return [.. network.Weights.SelectMany(weights => weights.bytes.ToArray())];
    }

    private string PathOf(string name) => Path.Combine(_folder, name + ".checkpoint");

    private string TeacherOf(string name) => Path.ChangeExtension(PathOf(name), ".teacher-1.checkpoint");
}
