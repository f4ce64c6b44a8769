using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;
using Spectre.Console;

namespace MnistLstm.Trainer.Reports;

/// <summary>Shows the progress of long work: bars on a terminal, plain lines elsewhere.</summary>
public static class ConsoleDisplay
{
    private static bool IsTerminal => !Console.IsOutputRedirected;

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

    /// <summary>Trains, with a bar on a terminal. A run that prints the post's log lines prints no others.</summary>
    public static async Task<TrainedNetwork> ShowTrainingAsync(
        TrainingOptions options, Func<TrainingObserver, TrainedNetwork> train)
    {
        void Observe(EpochRecord epoch, Action<string> writeLine)
        {
            if (options.LogEvery == 0)
            {
                writeLine(Line(epoch));
            }
        }

        if (!IsTerminal)
        {
            TrainingProgress latest = default;
            return await Task.Run(() => train(new TrainingObserver(
                Stepped: progress => latest = progress,
                Logged: line => Console.WriteLine(BlogPostLog.Line(line)),
                EpochEnded: epoch =>
                    Observe(epoch, line => Console.WriteLine($"{line}, {Clock(latest.TimeLeft)} left")),
                Noted: Console.WriteLine)));
        }

        return await AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(context =>
            {
                ProgressTask bar = context.AddTask("starting");
                return Task.Run(() => train(new TrainingObserver(
                    Stepped: progress =>
                    {
                        bar.MaxValue = progress.TotalSteps;
                        bar.Value = progress.Step;
                        bar.Description =
                            $"step {progress.Step:N0} of {progress.TotalSteps:N0}, loss {progress.Loss:F4}, "
                            + $"{progress.ImagesPerSecond:N0} images/s, {Clock(progress.TimeLeft)} left";
                    },
                    Logged: line => AnsiConsole.WriteLine(BlogPostLog.Line(line)),
                    EpochEnded: epoch => Observe(epoch, AnsiConsole.WriteLine),
                    Noted: line =>
                    {
                        bar.Description = line;
                        AnsiConsole.WriteLine(line);
                    })));
            });
    }

    private static string Line(EpochRecord epoch) =>
        $"epoch {epoch.Epoch}: training loss {epoch.TrainingLoss:F4}, validation loss {epoch.ValidationLoss:F4}, "
        + $"validation accuracy {100 * epoch.ValidationAccuracy:F2} %, {epoch.ImagesPerSecond:N0} images/s";

    private static string Clock(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{time:m\\:ss}";
}
