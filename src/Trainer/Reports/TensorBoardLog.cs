using MnistLstm.Trainer.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace MnistLstm.Trainer.Reports;

/// <summary>Event files, whose curves <c>tensorboard --logdir DIR</c> shows while the run goes on.</summary>
public static class TensorBoardLog
{
    /// <summary>The same observer, which also writes to the log if there is one.</summary>
    /// <param name="folder">Folder of the event file, created if missing; null for no log.</param>
    public static TrainingObserver Attach(string? folder, TrainingObserver observer)
    {
        if (folder is null)
        {
            return observer;
        }

        Directory.CreateDirectory(folder);
        SummaryWriter log = torch.utils.tensorboard.SummaryWriter(folder, createRunName: false);
        return observer with
        {
            Stepped = progress =>
            {
                log.add_scalar("loss/train", progress.Loss, progress.AllSteps);
                observer.Stepped(progress);
            },
            Logged = line =>
            {
                log.add_scalar("accuracy/batch", line.Accuracy, line.Step);
                observer.Logged(line);
            },
            EpochEnded = epoch =>
            {
                log.add_scalar("loss/validation", (float)epoch.ValidationLoss, epoch.Step);
                log.add_scalar("accuracy/validation", (float)epoch.ValidationAccuracy, epoch.Step);
                log.add_scalar("learning rate", (float)epoch.LearningRate, epoch.Step);
                log.add_scalar("images a second", (float)epoch.ImagesPerSecond, epoch.Step);
                observer.EpochEnded(epoch);
            },
        };
    }
}
