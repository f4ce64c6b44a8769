using System.CommandLine;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Native;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.OutOfDistribution;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Reports;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>refine</c>: the last part of <c>train --preset best</c> alone, on a model that is there.</summary>
public static class RefineCommand
{
    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        var output = new Option<string>("--output")
        {
            Description = "The refined model's file, with byte weights; its float weights go beside it as NAME-float.onnx.",
            Required = true,
        };
        Option<string?> data = CommonOptions.Data();
        var resume = new Option<bool>("--resume") { Description = "Go on from the run's last checkpoint, if there is one." };
        Option<string?> tensorBoard = CommonOptions.TensorBoard();
        var command = new Command("refine", "Teach a trained model to tell digits from letters, scribbles and all else.")
        {
            model, output, data, resume, tensorBoard,
        };
        HyperParameterOptions hyperParameters = HyperParameterOptions.AddTo(command, IsOfStage);
        command.SetAction(async (arguments, cancellation) =>
        {
            string path = arguments.GetValue(output)!;
            CommonOptions.RequireWritable("--output", path);
            CommonOptions.RequireWritable("--output", ModelWriter.FloatPath(path));
            Libtorch.Require();
            string start = arguments.GetValue(model)!;
            ModelCard card = ReadCard(start);
            TrainingOptions options = hyperParameters.Change(FromCard(card), arguments);
            LstmClassifier network = OnnxImporter.Read(start);
            MnistDataset mnist = await ConsoleDisplay.LoadAsync(MnistSource.Find(arguments.GetValue(data)), cancellation);
            var checkpoint = new Checkpoint(
                TrainCommand.CheckpointPath(path, "evidence"), [.. Checkpoint.Recipe(options), $"the model {card.Version}"]);
            TensorBoardLog? log = arguments.GetValue(tensorBoard) is { } folder ? new TensorBoardLog(folder) : null;
            await TrainCommand.TrainAsync(
                options,
                checkpoint,
                observer => OodObjective.Run(
                    options,
                    mnist,
                    new TrainedNetwork(network, new TrainingHistory()),
                    new TrainingLoop(checkpoint, log?.Attach(observer) ?? observer, arguments.GetValue(resume), cancellation)),
                mnist,
                path,
                hasBytes: true,
                cancellation);
            checkpoint.Delete();
            return ExitCodes.Success;
        });
        return command;
    }

    private static ModelCard ReadCard(string path)
    {
        using DigitClassifier classifier = EvaluateCommand.Load(path);
        return classifier.Card.Quantization is { } quantization
            ? throw new TrainerException(
                $"The model '{path}' has byte weights, which cannot learn. Give the one with float weights that it was made from: "
                + $"{ModelWriter.FloatPath(path)}, version {quantization.FloatVersion}.")
            : classifier.Card;
    }

    /// <summary>The recipe that the model was trained with; what its card does not know is as in the preset.</summary>
    internal static TrainingOptions FromCard(ModelCard card)
    {
        TrainingOptions start = TrainingOptions.Presets.FirstOrDefault(preset => preset.Preset == card.Preset) ?? TrainingOptions.Best;
        TrainingOptions options = start with { Preset = card.Preset, RandomSeed = (int)card.Seed };
        foreach (HyperParameter parameter in HyperParameter.All)
        {
            string? text = IsOfStage(parameter) ? null : card.HyperParameters.GetValueOrDefault(parameter.Name);
            bool isFromBest = IsOfStage(parameter) || parameter.Part == RecipePart.TeachersOrEvidence;
            text ??= isFromBest ? parameter.Read(TrainingOptions.Best) : null;
            options = text is null ? options : parameter.Change(options, text);
        }

        return options;
    }

    /// <summary>Whether the stage alone knows it, so that it may be changed here.</summary>
    private static bool IsOfStage(HyperParameter parameter) =>
        parameter.Part == RecipePart.Evidence || parameter.Name is "evidence-epochs" or "threads";
}
