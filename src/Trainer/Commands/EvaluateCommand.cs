using System.CommandLine;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>evaluate</c>: a model file against MNIST's test images or a folder of pictures.</summary>
public static class EvaluateCommand
{
    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        Option<string?> data = CommonOptions.Data();
        Option<string?> images = CommonOptions.Text(
            "--images",
            "Folder or ZIP file of pictures, in folders 0 to 9 or with a labels.csv (file,label, optionally style). "
            + "They are read as the service reads uploads.");
        Option<string?> shard = CommonOptions.Text(
            "--shard", "I/N: every N-th picture of --images, starting with picture I. 0/4 to 3/4 together are all.");
        Option<string?> predictions = CommonOptions.Text(
            "--predictions", $"Write what the model says about each image as a table ({PredictionTable.Header}).");
        Option<string?> notDigits = CommonOptions.Text(
            "--not-digits", "Folder with pictures that show no digit; lists those that the model takes for one.");
        Option<string?> numbers = CommonOptions.Text(
            "--numbers",
            "Folder with pictures of several digits and a labels.csv (file,text). They are read as /predict/digits "
            + "reads uploads.");
        Option<string?> report = CommonOptions.Text("--report", "Write a page with tables and the worst mistakes.");
        var command = new Command("evaluate", "Measure a model on MNIST's test images or on pictures of your own.")
        {
            model, data, images, shard, predictions, notDigits, numbers, report,
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new Request(
                arguments.GetValue(model)!, Value(data), Value(images), Value(shard), Value(predictions),
                Value(notDigits), Value(numbers), Value(report));
            await RunAsync(request, cancellation);

            string? Value(Option<string?> option) => arguments.GetValue(option);
        });
        return command;
    }

    /// <exception cref="TrainerException">It is no model file, or one that does not fit.</exception>
    public static DigitClassifier Load(string path)
    {
        try
        {
            return DigitClassifier.Load(path);
        }
        catch (InvalidModelException e)
        {
            throw new TrainerException(e.Message);
        }
    }

    internal static void WriteRemarks(LabeledPictures pictures)
    {
        foreach (string remark in pictures.Remarks())
        {
            Console.WriteLine(remark);
        }
    }

    private static async Task RunAsync(Request request, CancellationToken cancellation)
    {
        request.RequireConsistent();
        Shard part = request.Shard is { } text ? Shard.Parse(text) : Shard.Whole;
        using DigitClassifier classifier = Load(request.Model);
        CommonOptions.RequireWritable("--report", request.Report);
        CommonOptions.RequireWritable("--predictions", request.Predictions);
        if (request.NotDigits is not null)
        {
            NonDigitEvaluation.Run(classifier, request.NotDigits, cancellation);
        }

        if (request.Numbers is not null)
        {
            NumberEvaluation.Run(classifier, request.Numbers, cancellation);
        }

        if (request.Images is not null)
        {
            EvaluatePictures(classifier, request, part, cancellation);
        }
        else if (!request.IsWithoutLabels)
        {
            MnistSource source = MnistSource.Find(request.Data);
            DataSplit test = await MnistDataset.LoadTestAsync(source, cancellation);
            string what = test.IsMnist ? "MNIST's test images" : $"the test images in {source.Folder}";
            new DigitEvaluation(classifier, test.Digits, what, n => $"test image {n}", mayBeDigit: _ => true)
                .Run(request.Predictions, request.Report, cancellation);
        }
    }

    private static void EvaluatePictures(
        DigitClassifier classifier, Request request, Shard part, CancellationToken cancellation)
    {
        LabeledPictures pictures = LabeledPictures.Load(request.Images!, classifier, part, cancellation);
        string what = part == Shard.Whole
            ? $"the pictures in {request.Images}"
            : $"part {part} of the pictures in {request.Images}";
        var evaluation = new DigitEvaluation(
            classifier, pictures.Digits, what, n => pictures.Names[n], mayBeDigit: n => pictures.IsDigit[n]);
        evaluation.Run(request.Predictions, request.Report, cancellation);
        evaluation.WriteStyles(pictures.Styles);
        WriteRemarks(pictures);
    }

    /// <summary>The parsed command line.</summary>
    private sealed record Request(
        string Model, string? Data, string? Images, string? Shard, string? Predictions, string? NotDigits,
        string? Numbers, string? Report)
    {
        /// <summary>Whether nothing is evaluated but pictures whose digits have no labels of their own.</summary>
        public bool IsWithoutLabels => (NotDigits ?? Numbers) is not null && Images is null && Data is null;

        public void RequireConsistent()
        {
            if (Images is not null && Data is not null)
            {
                throw new TrainerException("Give --data or --images, not both.");
            }

            if (Images is null && Shard is not null)
            {
                throw new TrainerException("--shard divides the pictures of --images: give both.");
            }

            if (IsWithoutLabels && (Report ?? Predictions) is not null)
            {
                throw new TrainerException(
                    "--report and --predictions tell of images with labels: give --data or --images too.");
            }
        }
    }
}
