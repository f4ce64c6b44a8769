using System.CommandLine;
using System.Globalization;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Distillation;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>train</c>: MNIST to a model file with its card.</summary>
public static class TrainCommand
{
    public static Command Create()
    {
        var preset = new Option<string>("--preset")
        {
            Description = $"The recipe: {string.Join(" or ", TrainingOptions.Presets.Select(p => p.Preset))}.",
            Required = true,
        };
        var data = CommonOptions.Data();
        var output = new Option<string?>("--output")
        {
            Description = "The model file. Default: models/seed.onnx for seed, models/digits.onnx for best.",
        };
        var resume = new Option<bool>("--resume") { Description = "Go on from the run's last checkpoint, if there is one." };
        var seed = new Option<string>("--seed")
        {
            Description = "All random numbers come from it: 0 to 2147483647.",
            DefaultValueFactory = _ => "0",
        };
        var tensorBoard = new Option<string?>("--tensorboard") { Description = "Folder for TensorBoard's event files." };
        var command = new Command("train", "Train a model, write it as ONNX with its card, and prove that both compute the same.")
        {
            preset, data, output, resume, seed, tensorBoard,
        };
        List<(HyperParameter Parameter, Option<string?> Option)> hyperParameters =
        [
            .. HyperParameter.All.Select(p => (p, new Option<string?>($"--{p.Name}")
            {
                Description = $"{char.ToUpperInvariant(p.Description[0])}{p.Description[1..]}: {p.Range}. "
                    + $"Default: {string.Join(", ", TrainingOptions.Presets.Select(o => $"{p.Read(o)} ({o.Preset})"))}.",
            })),
        ];
        foreach ((_, Option<string?> option) in hyperParameters)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (arguments, cancellation) =>
        {
            TrainingOptions options = TrainingOptions.FromPreset(arguments.GetValue(preset)!) with
            {
                RandomSeed = CommonOptions.ParseSeed(arguments.GetValue(seed)!),
            };
            foreach ((HyperParameter parameter, Option<string?> option) in hyperParameters)
            {
                options = arguments.GetValue(option) is { } text ? parameter.Change(options, text) : options;
            }

            options.RequireConsistent();
            string path = arguments.GetValue(output)
                ?? Path.Combine("models", options.Preset == TrainingOptions.Best.Preset ? "digits.onnx" : $"{options.Preset}.onnx");
            CommonOptions.RequireWritable("--output", path);
            Libtorch.Require();
            MnistDataset mnist = await ConsoleDisplay.LoadAsync(MnistSource.Find(arguments.GetValue(data)), cancellation);
            TensorBoardLog? log = arguments.GetValue(tensorBoard) is { } folder ? new TensorBoardLog(folder) : null;
            await RunAsync(options, mnist, path, log, arguments.GetValue(resume), cancellation);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task RunAsync(
        TrainingOptions options, MnistDataset data, string path, TensorBoardLog? log, bool resume, CancellationToken cancellation)
    {
        string folder = Path.GetDirectoryName(path) ?? "";
        var checkpoint = new Checkpoint(
            Path.Combine(folder, "checkpoints", Path.GetFileNameWithoutExtension(path) + ".checkpoint"), options);

        TrainedNetwork trained;
        try
        {
            trained = await ConsoleDisplay.ShowTrainingAsync(
                options,
                observer =>
                {
                    TrainingObserver all = log?.Attach(observer) ?? observer;
                    return options.Teachers > 0
                        ? new DistillationLoop(options, data, checkpoint, all).Run(resume, cancellation)
                        : new TrainingLoop(options, data, checkpoint, all).Run(resume, cancellation);
                });
        }
        catch (OperationCanceledException)
        {
            throw new TrainerException(
                $"Stopped. Add --resume to the same command to go on from '{checkpoint.Path}'.", ExitCodes.Interrupted);
        }

        WrittenModel model = ModelWriter.Write(trained, options, data, path);
        WholeFile.Write(ModelWriter.ReportPath(path), TrainingReport.Render(model, trained.History, data.Test));
        checkpoint.Delete();
        DistillationLoop.DeleteTeachers(checkpoint, options);
        Report(model, data.Test);
    }

    private static void Report(WrittenModel model, DigitSet test)
    {
        ReadOnlySpan<float> first = model.TestProbabilities.AsSpan(0, PostLog.TestImages * ModelContract.Classes);
        SplitResult post = Evaluation.Measure(first, test.Labels.AsSpan(0, PostLog.TestImages));
        ModelCard card = model.Card;
        Console.WriteLine(PostLog.TestAccuracy((float)post.Correct / post.Images));
        Console.WriteLine($"Test accuracy on all {card.Test.Images:N0}: {ResultText.Describe(card.Test)}");
        Console.WriteLine($"Validation accuracy on {card.Validation!.Images:N0} held-out images: {ResultText.Describe(card.Validation)}");
        Console.WriteLine(
            $"Parity: ONNX Runtime differs from TorchSharp by at most {card.Parity.ToString("0.0e-0", CultureInfo.InvariantCulture)}; every digit is the same");
        Console.WriteLine(
            $"Wrote {model.Path}, {ModelWriter.CardPath(model.Path)} and {ModelWriter.ReportPath(model.Path)}: "
            + $"version {card.Version}, trained in {card.Run!.Seconds:F1} s");
    }
}
