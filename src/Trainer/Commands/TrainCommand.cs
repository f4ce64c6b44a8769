using System.CommandLine;
using System.Globalization;
using System.Numerics.Tensors;
using MnistLstm.Shared.Models;

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
        var command = new Command("train", "Train a model, write it as ONNX with its card, and prove that both compute the same.")
        {
            preset, data, output, resume, seed,
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

            string path = arguments.GetValue(output)
                ?? Path.Combine("models", options.Preset == TrainingOptions.Best.Preset ? "digits.onnx" : $"{options.Preset}.onnx");
            await RunAsync(options, MnistSource.Find(arguments.GetValue(data)), path, arguments.GetValue(resume), cancellation);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task RunAsync(
        TrainingOptions options, MnistSource source, string path, bool resume, CancellationToken cancellation)
    {
        Libtorch.Require();
        MnistDataset data = await ConsoleDisplay.LoadAsync(source, cancellation);
        string folder = Path.GetDirectoryName(path) ?? "";
        var checkpoint = new Checkpoint(
            Path.Combine(folder, "checkpoints", Path.GetFileNameWithoutExtension(path) + ".checkpoint"), options);

        TrainedNetwork trained;
        try
        {
            trained = await ConsoleDisplay.ShowTrainingAsync(
                options,
                observer => new TrainingLoop(options, data, checkpoint, observer).Run(resume, cancellation));
        }
        catch (OperationCanceledException)
        {
            throw new TrainerException(
                $"Stopped. Add --resume to the same command to go on from '{checkpoint.Path}'.", ExitCodes.Interrupted);
        }

        ModelCard card = ModelWriter.Write(trained, options, data, path);
        checkpoint.Delete();
        Report(card, trained.Network, data.Test, path);
    }

    private static void Report(ModelCard card, LstmClassifier network, DigitSet test, string path)
    {
        DigitSet first = test.Slice(0, PostLog.TestImages);
        float[] logits = network.PredictLogits(first);
        int correct = Enumerable.Range(0, first.Count).Count(n =>
            TensorPrimitives.IndexOfMax(logits.AsSpan(n * ModelContract.Classes, ModelContract.Classes)) == first.Labels[n]);

        Console.WriteLine(PostLog.TestAccuracy((float)correct / first.Count));
        Console.WriteLine($"Test accuracy on all {card.Test.Images:N0}: {ResultText.Describe(card.Test)}");
        Console.WriteLine($"Validation accuracy on {card.Validation!.Images:N0} held-out images: {ResultText.Describe(card.Validation)}");
        Console.WriteLine(
            $"Parity: ONNX Runtime differs from TorchSharp by at most {card.Parity.ToString("0.0e-0", CultureInfo.InvariantCulture)}; every digit is the same");
        Console.WriteLine($"Wrote {path} and {ModelWriter.CardPath(path)}: version {card.Version}, trained in {card.Run!.Seconds:F1} s");
    }
}
