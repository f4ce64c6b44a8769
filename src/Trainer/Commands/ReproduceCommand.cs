using System.CommandLine;
using System.Globalization;
using System.Text;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Native;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Reports;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>reproduce</c>: the post's program over many seeds, beside what the post's author got.</summary>
public static class ReproduceCommand
{
    private const int MostSeeds = 1_000;

    /// <summary>Each figure with what the post's log says.</summary>
    private static readonly Figure[] Figures =
    [
        new("loss at step 10", 1.751291, 6, run => LossAt(run, 10)),
        new("loss at step 100", 0.553710, 6, run => LossAt(run, 100)),
        new("loss at step 200", 0.232232, 6, run => LossAt(run, 200)),
        new("loss at step 420", 0.131790, 6, run => LossAt(run, 420)),
        new("loss at step 720", 0.089058, 6, run => LossAt(run, 720)),
        new("loss at step 780, the last", 0.078913, 6, run => LossAt(run, 780)),
        new("mean loss of steps 690 to 780", 0.1012458, 6, run => run.LogLines.TakeLast(10).Average(line => line.Loss)),
        new("accuracy on the first 128 test images", 0.984375, 6, run => run.FirstAccuracy),
        new("accuracy on all 10,000", null, 4, run => run.FullAccuracy),
    ];

    public static Command Create()
    {
        Option<string?> seeds = CommonOptions.Text("--seeds", "First and last seed. Default: 1-20.");
        Option<string?> data = CommonOptions.Data();
        var command = new Command("reproduce",
            "Run the blog post's program with many seeds and compare its log with the post's, as a Markdown table.")
        {
            seeds, data,
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            (int first, int last) = ParseSeeds(arguments.GetValue(seeds) ?? "1-20");
            Libtorch.Require();
            MnistDataset mnist =
                await ConsoleDisplay.LoadAsync(MnistSource.Find(arguments.GetValue(data)), cancellation);
            var runs = new List<Run>();
            try
            {
                for (int seed = first; seed <= last; seed++)
                {
                    Console.Error.WriteLine($"training with seed {seed} of {first} to {last}");
                    Run run = RunOnce(seed, mnist, cancellation);
                    runs.Add(run);
                    Console.Error.WriteLine(
                        $"seed {seed}: first 128 {run.FirstAccuracy:F6}, all 10,000 {run.FullAccuracy:F4}, "
                        + $"{run.Elapsed.TotalSeconds:F0} s");
                }
            }
            finally
            {
                Console.Write(runs.Count > 0 ? Table(runs) : ""); // of the seeds that are done, if it is stopped
            }
        });
        return command;
    }

    private static Run RunOnce(int seed, MnistDataset data, CancellationToken cancellation)
    {
        TrainingOptions options = TrainingOptions.Seed with { RandomSeed = seed };
        TrainedNetwork trained = LabelObjective.Run(
            options, data, new TrainingLoop(Checkpoint: null, TrainingObserver.None, Resume: false, cancellation));
        using LstmClassifier network = trained.Network;
        float[] probabilities = Softmax.Of(network.PredictLogits(data.Test), temperature: 1);
        return new Run(
            trained.History.LogLines,
            BlogPostLog.MeasureFirst(probabilities, data.Test).Accuracy,
            ClassificationMetrics.Measure(probabilities, data.Test.Labels).Accuracy,
            trained.History.Elapsed);
    }

    private static string Table(List<Run> runs)
    {
        var table = new StringBuilder();
        table.AppendLine("| figure | the post | minimum | median | maximum | the post lies |");
        table.AppendLine("|---|---|---|---|---|---|");
        foreach (Figure figure in Figures)
        {
            double[] values = [.. runs.Select(figure.Of).Order()];
            double median = (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
            string verdict = figure.Post is not { } post ? "–" : post < values[0] ? "below" : post > values[^1]
                ? "above"
                : "inside";
            table.AppendLine(
                $"| {figure.Name} | {figure.Text(figure.Post)} | {figure.Text(values[0])} | {figure.Text(median)} | "
                + $"{figure.Text(values[^1])} | {verdict} |");
        }

        return table.ToString();
    }

    private static double LossAt(Run run, int step) => run.LogLines.First(line => line.Step == step).Loss;

    private static (int First, int Last) ParseSeeds(string text)
    {
        return text.Split('-') is [string start, string end]
            && int.TryParse(start, NumberStyles.None, null, out int first)
            && int.TryParse(end, NumberStyles.None, null, out int last)
            && first <= last && last - first < MostSeeds
            ? (first, last)
            : throw new TrainerException(
                $"--seeds is '{text}', but it must be two whole numbers like 1-20, at most {MostSeeds:N0} seeds.");
    }

    private sealed record Run(
        List<StepRecord> LogLines, double FirstAccuracy, double FullAccuracy, TimeSpan Elapsed);

    private sealed record Figure(string Name, double? Post, int Decimals, Func<Run, double> Of)
    {
        public string Text(double? value) => value?.ToString($"F{Decimals}") ?? "–";
    }
}
