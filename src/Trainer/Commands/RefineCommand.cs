using System.CommandLine;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Native;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.OutOfDistribution;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Reports;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>refine</c>: teaches a trained model someone's handwriting, or to tell digits from all else.</summary>
public static class RefineCommand
{
    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        Option<string> output = CommonOptions.Required(
            "--output", "The refined model's file, with byte weights; NAME-float.onnx beside it has float weights.");
        Option<string?> images = Images();
        Option<bool> allowLoss = AllowLoss();
        Option<string?> data = CommonOptions.Data();
        Option<bool> resume = CommonOptions.Resume();
        Option<string?> tensorBoard = CommonOptions.TensorBoard();
        var command = new Command("refine",
            "Teach a trained model your own handwriting, or to tell digits from letters, scribbles and all else.")
        {
            model, output, images, allowLoss, data, resume, tensorBoard,
        };
        var hyperParameters = new HyperParameterOptions(
            command, HyperParameter.All.Where(IsOfStage), ("without --images", TrainingOptions.Best),
            ("with --images", OwnHandwriting.Shorten(TrainingOptions.Best)));
        command.SetAction(async (arguments, cancellation) =>
        {
            string path = arguments.GetValue(output)!;
            string? folder = arguments.GetValue(images);
            if (folder is null && arguments.GetValue(allowLoss))
            {
                throw new TrainerException("--allow-loss goes with --images.");
            }

            LabeledPictures.Require(folder);
            CommonOptions.RequireWritable("--output", path);
            CommonOptions.RequireWritable("--output", ModelWriter.FloatPath(path));
            Libtorch.Require();
            (string start, DigitClassifier before) = LoadFloatModel(arguments.GetValue(model)!);
            using DigitClassifier disposed = before;
            CommonOptions.RequireOther(path, start);
            TrainingOptions recipe = FromCard(before.Card);
            TrainingOptions options = RequireEpochs(
                hyperParameters.Change(folder is null ? recipe : OwnHandwriting.Shorten(recipe), arguments));
            OwnHandwriting? own = folder is null ? null : OwnHandwriting.Read(folder, before, options, cancellation);
            MnistSource source = MnistSource.Find(arguments.GetValue(data));
            MnistDataset mnist = own is null
                ? await ConsoleDisplay.LoadAsync(source, cancellation)
                : await own.LoadDigitsAsync(source, cancellation);
            string[] decisive = [.. Checkpoint.Recipe(options), mnist.Recipe, $"the model {before.Card.Version}"];
            var checkpoint = new Checkpoint(
                TrainCommand.CheckpointPath(path, "refine"), own is null ? decisive : [.. decisive, own.Recipe]);
            var loop = new TrainingLoop(checkpoint, TrainingObserver.None, arguments.GetValue(resume), cancellation);
            TrainCommand.Train(
                options with { AllowsLoss = arguments.GetValue(allowLoss) }, loop, mnist, path, hasBytes: true,
                arguments.GetValue(tensorBoard), observed =>
                {
                    var network = new TrainedNetwork(OnnxImporter.Read(start), new TrainingHistory());
                    TrainedNetwork trained = OodObjective.Run(options, mnist, network, observed, own?.Learned);
                    own?.RequireLittleLoss(trained.Network, mnist, arguments.GetValue(allowLoss));
                    return trained;
                },
                own is null ? null : () => own.LossLeft);
            checkpoint.Delete();
            own?.Report(path, mnist, cancellation);
        });
        return command;
    }

    private static TrainingOptions RequireEpochs(TrainingOptions options) => options.EvidenceEpochs > 0
        ? options
        : throw new TrainerException("--evidence-epochs is 0, so nothing would be learned.");

    private static Option<string?> Images() => CommonOptions.Text(
        "--images",
        "Pictures to learn: a folder with folders 0 to 9 or a labels.csv (file,label), or the page's corrections.zip. "
        + "They are read as the service reads uploads.");

    private static Option<bool> AllowLoss() => new("--allow-loss")
    {
        Description = "With --images: write the model even if it misreads over 0.1 % more of the held-out digits.",
    };

    /// <summary>The file itself, or the one with float weights beside it: byte weights cannot learn.</summary>
    private static (string Path, DigitClassifier Model) LoadFloatModel(string path)
    {
        DigitClassifier model = EvaluateCommand.Load(path);
        if (model.Card.Quantization is not { } quantization)
        {
            return (path, model);
        }

        model.Dispose();
        string beside = ModelWriter.FloatPath(path);
        if (File.Exists(beside) && MnistFile.Hash(File.ReadAllBytes(beside)) == quantization.FloatSha256)
        {
            Console.WriteLine(
                $"'{path}' has byte weights, which cannot learn. '{beside}', from which it was made, "
                + "is trained instead.");
            return (beside, EvaluateCommand.Load(beside));
        }

        throw new TrainerException(
            $"The model '{path}' has byte weights, which cannot learn. Give the one with float weights that it was "
            + $"made from: {beside}, version {quantization.FloatVersion}.");
    }

    /// <summary>The recipe that the model was trained with; what its card does not know is as in the preset.</summary>
    internal static TrainingOptions FromCard(ModelCard card)
    {
        TrainingOptions start = TrainingOptions.Presets.FirstOrDefault(preset =>
            preset.Preset == card.Preset) ?? TrainingOptions.Best;
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
