using MnistLstm.Trainer.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace MnistLstm.Trainer.Reports;

/// <summary>
/// Event files for TensorBoard: <c>tensorboard --logdir DIR</c> shows the curves while the run goes on.
/// </summary>
public sealed class TensorBoardLog
{
    private readonly SummaryWriter _writer;

    private TensorBoardLog(string folder)
    {
        Directory.CreateDirectory(folder);
        _writer = torch.utils.tensorboard.SummaryWriter(folder, createRunName: false);
    }

    /// <summary>The same observer, which also writes to the log if there is one.</summary>
    /// <param name="folder">Folder of the event file, created if missing; null for no log.</param>
    public static TrainingObserver Attach(string? folder, TrainingObserver observer) =>
        folder is null ? observer : new TensorBoardLog(folder).Attach(observer);

    private TrainingObserver Attach(TrainingObserver observer) => new(
        progress =>
        {
            _writer.add_scalar("loss/train", progress.Loss, progress.Step);
            observer.Stepped(progress);
        },
        line =>
        {
            _writer.add_scalar("accuracy/batch", line.Accuracy, line.Step);
            observer.Logged(line);
        },
        epoch =>
        {
            _writer.add_scalar("loss/validation", (float)epoch.ValidationLoss, epoch.Step);
            _writer.add_scalar("accuracy/validation", (float)epoch.ValidationAccuracy, epoch.Step);
            _writer.add_scalar("learning rate", (float)epoch.LearningRate, epoch.Step);
            _writer.add_scalar("images a second", (float)epoch.ImagesPerSecond, epoch.Step);
            observer.EpochEnded(epoch);
        },
        observer.Noted);
}
