using System.CommandLine;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Distillation;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Native;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.OutOfDistribution;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Reports;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>train</c>: MNIST to a model file with its card.</summary>
public static class TrainCommand
{
    public static Command Create()
    {
        Option<string> preset = CommonOptions.Required(
            "--preset", $"The recipe: {string.Join(" or ", TrainingOptions.Presets.Select(p => p.Preset))}.");
        Option<string?> data = CommonOptions.Data();
        Option<string?> output = CommonOptions.Text(
            "--output",
            "The model file. Default: models/seed.onnx (seed), models/digits.onnx (best). With best it has byte "
            + "weights, and NAME-float.onnx beside it has the float weights.");
        Option<bool> resume = CommonOptions.Resume();
        Option<string?> tensorBoard = CommonOptions.TensorBoard();
        var command = new Command("train",
            "Train a model, write it as ONNX with its card, and check that ONNX Runtime computes the same.")
        {
            preset, data, output, resume, tensorBoard,
        };
        var hyperParameters = new HyperParameterOptions(
            command, [HyperParameter.Seed, .. HyperParameter.All],
            [.. TrainingOptions.Presets.Select(recipe => (recipe.Preset, recipe))]);
        command.SetAction(async (arguments, cancellation) =>
        {
            TrainingOptions options =
                hyperParameters.Change(TrainingOptions.FromPreset(arguments.GetValue(preset)!), arguments);
            options.RequireConsistent();
            string path = arguments.GetValue(output)
                ?? Path.Combine("models", HasBytes(options) ? "digits.onnx" : $"{options.Preset}.onnx");
            CommonOptions.RequireWritable("--output", path);
            CommonOptions.RequireWritable("--output", HasBytes(options) ? ModelWriter.FloatPath(path) : null);
            Libtorch.Require();
            MnistDataset mnist =
                await ConsoleDisplay.LoadAsync(MnistSource.Find(arguments.GetValue(data)), cancellation);
            string? logFolder = arguments.GetValue(tensorBoard);
            Run(options, mnist, path, logFolder, arguments.GetValue(resume), cancellation);
        });
        return command;
    }

    private static void Run(
        TrainingOptions options, MnistDataset data, string path, string? logFolder, bool resume,
        CancellationToken cancellation)
    {
        string[] recipe = [.. Checkpoint.Recipe(options), data.Recipe];
        var checkpoint = new Checkpoint(CheckpointPath(path), recipe);
        var checkpointOfStage = new Checkpoint(CheckpointPath(path, "evidence"), recipe);
        var loop = new TrainingLoop(checkpoint, TrainingObserver.None, resume, cancellation);
        Train(options, loop, data, path, HasBytes(options), logFolder, observed =>
        {
            TrainedNetwork trained = options.Teachers > 0
                ? Distiller.Run(options, data, observed)
                : LabelObjective.Run(options, data, observed);
            return options.EvidenceEpochs > 0
                ? OodObjective.Run(options, data, trained, observed with { Checkpoint = checkpointOfStage })
                : trained;
        });
        checkpointOfStage.Delete();
        checkpoint.Delete();
        Distiller.DeleteTeachers(checkpoint, options, data);
    }

    /// <summary>The blog post's model stays as its program writes it.</summary>
    private static bool HasBytes(TrainingOptions options) => options.Preset == TrainingOptions.Best.Preset;

    /// <summary>Path of the checkpoint of a run or of one of its stages.</summary>
    public static string CheckpointPath(string modelPath, string part = "") => Path.Combine(
        Path.GetDirectoryName(modelPath) ?? "",
        "checkpoints",
        $"{Path.GetFileNameWithoutExtension(modelPath)}{(part.Length > 0 ? $".{part}" : "")}.checkpoint");

    /// <summary>Trains, writes the model, its card and its report, and says how good it is.</summary>
    /// <param name="loop">Not observed yet.</param>
    /// <param name="hasBytes">Whether it gets byte weights; its float weights then go beside it.</param>
    /// <param name="logFolder">For TensorBoard; null for none.</param>
    /// <param name="moreLoss">The loss that byte weights may add, see <see cref="QuantizedModel.Write"/>.</param>
    public static void Train(
        TrainingOptions options, TrainingLoop loop, MnistDataset data, string path, bool hasBytes, string? logFolder,
        Func<TrainingLoop, TrainedNetwork> train, Func<double>? moreLoss = null)
    {
        TrainedNetwork trained;
        try
        {
            trained = ConsoleDisplay.ShowTraining(
                observer => train(loop with { Observer = TensorBoardLog.Attach(logFolder, observer) }));
        }
        catch (OperationCanceledException)
        {
            throw new TrainerException(
                "Stopped. Add --resume to the same command to continue.", ExitCodes.Interrupted);
        }

        if (hasBytes)
        {
            Console.WriteLine("measuring the model");
        }

        using var file = new AtomicFile(hasBytes ? ModelWriter.FloatPath(path) : path);
        WrittenModel model = ModelWriter.Prepare(trained, options, data, file);
        if (trained.History.LogLines.Count > 0)
        {
            // The last line of the post's log.
            SplitResult post = BlogPostLog.MeasureFirst(model.TestProbabilities, data.Test);
            Console.WriteLine(BlogPostLog.TestAccuracy((float)post.Correct / post.Images));
        }

        Report(model);
        if (hasBytes)
        {
            model = WritePair(file, model, data, path, moreLoss?.Invoke() ?? 0, loop.Cancellation);
        }
        else
        {
            ModelWriter.Commit((file, model.Card));
            ReportWritten(model);
        }

        AtomicFile.Write(ModelWriter.ReportPath(path), TrainingReport.Render(model, trained.History, data));
        Console.WriteLine($"Wrote {ModelWriter.ReportPath(path)}");
    }

    /// <summary>Writes byte weights and the float weights they are made from, or neither.</summary>
    private static WrittenModel WritePair(
        AtomicFile floats, WrittenModel model, MnistDataset data, string path, double moreLoss,
        CancellationToken cancellation)
    {
        using DigitClassifier original = EvaluateCommand.Load(floats.PartialPath);
        using var bytes = new AtomicFile(path);
        WrittenModel small;
        try
        {
            small = QuantizedModel.Prepare(original, floats.PartialPath, data, bytes, moreLoss, cancellation);
        }
        catch (TrainerException) when (!File.Exists(path))
        {
            ModelWriter.Commit((floats, model.Card)); // no older byte weights need the older float weights
            ReportWritten(model);
            throw;
        }

        small = small with { Card = small.Card with { Run = model.Card.Run, Commit = model.Card.Commit } };
        ModelWriter.Commit((floats, model.Card), (bytes, small.Card));
        ReportWritten(model);
        QuantizeCommand.Report(original.Card, small);
        return small;
    }

    private static void ReportWritten(WrittenModel model) => Console.WriteLine(
        $"Wrote {model.Path} and {ModelWriter.CardPath(model.Path)}: "
        + $"version {model.Card.Version}, trained in {model.Card.Run!.Seconds:F1} s");

    private static void Report(WrittenModel model)
    {
        ModelCard card = model.Card;
        Console.WriteLine($"Test accuracy on all {card.Test.Images:N0}: {ResultText.Describe(card.Test)}");
        Console.WriteLine(
            $"Validation accuracy on {card.Validation!.Images:N0} held-out images: "
            + $"{ResultText.Describe(card.Validation)}");
        if (card.Refused is { } refused)
        {
            Console.WriteLine(ResultText.Describe(refused, card.IsDigitThreshold));
        }

        string difference = card.Parity.ToString("0.0e-0");
        Console.WriteLine(
            $"Parity: ONNX Runtime differs from TorchSharp by at most {difference}; "
            + "every digit is the same, or a tie within 1.0e-5");
    }
}
