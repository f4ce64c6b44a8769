using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Training;
using Spectre.Console;

namespace MnistLstm.Trainer.Reports;

/// <summary>Shows the progress of long work: bars on a terminal, plain lines elsewhere.</summary>
public static class ConsoleDisplay
{
    /// <summary>Loads MNIST, or says what is loaded instead.</summary>
    public static async Task<MnistDataset> LoadAsync(MnistSource source, CancellationToken cancellation)
    {
        MnistDataset data = await MnistDataset.LoadAsync(source, cancellation);
        if (data.Note is { } note)
        {
            Console.Error.WriteLine(note);
        }

        return data;
    }

    /// <summary>Trains, with a bar on a terminal. After the post's log lines, a stage prints no others.</summary>
    public static TrainedNetwork ShowTraining(Func<TrainingObserver, TrainedNetwork> train)
    {
        if (Console.IsOutputRedirected)
        {
            return train(Lines(Console.WriteLine));
        }

        return AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                ProgressTask bar = context.AddTask("starting");
                TrainingObserver lines = Lines(AnsiConsole.WriteLine);
                return train(lines with
                {
                    Stepped = progress =>
                    {
                        lines.Stepped(progress);
                        bar.MaxValue = progress.TotalSteps;
                        bar.Value = progress.Step;
                        bar.Description =
                            $"step {progress.Step:N0} of {progress.TotalSteps:N0}, loss {progress.Loss:F4}, "
                            + $"{progress.ImagesPerSecond:N0} images/s, {Clock(progress.TimeLeft)} left";
                    },
                    Noted = line =>
                    {
                        bar.Description = line;
                        lines.Noted(line);
                    },
                });
            });
    }

    private static TrainingObserver Lines(Action<string> write)
    {
        TrainingProgress latest = default;
        bool hasLog = false;
        return new TrainingObserver(
            Stepped: progress => latest = progress,
            Logged: line =>
            {
                hasLog = true;
                write(BlogPostLog.Line(line));
            },
            EpochEnded: epoch =>
            {
                if (!hasLog)
                {
                    write($"epoch {epoch.Epoch}: training loss {epoch.TrainingLoss:F4}, validation loss "
                        + $"{epoch.ValidationLoss:F4}, validation accuracy {100 * epoch.ValidationAccuracy:F2} %, "
                        + $"{epoch.ImagesPerSecond:N0} images/s, {Clock(latest.TimeLeft)} left");
                }
            },
            Noted: line =>
            {
                hasLog = false;
                write(line);
            });
    }

    private static string Clock(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{time:m\\:ss}";
}
