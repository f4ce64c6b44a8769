using System.CommandLine;
using System.Globalization;
using System.Numerics.Tensors;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>evaluate</c>: a model file against MNIST's test images or a folder of pictures.</summary>
public static class EvaluateCommand
{
    private const int ShownMistakes = 10;

    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        Option<string?> data = CommonOptions.Data();
        var images = new Option<string?>("--images")
        {
            Description = "Folder with pictures in folders 0 to 9 or with a labels.csv (file,label and perhaps style); read as the service reads uploads.",
        };
        var shard = new Option<string?>("--shard")
        {
            Description = "I/N: only every N-th picture of --images, from picture I on; 0/4 to 3/4 together are all of them.",
        };
        var predictions = new Option<string?>("--predictions")
        {
            Description = $"Write what the model says about each image as a table ({PredictionTable.Header}).",
        };
        var notDigits = new Option<string?>("--not-digits")
        {
            Description = "Folder with pictures that show no digit: which of them the model takes for one.",
        };
        var numbers = new Option<string?>("--numbers")
        {
            Description = "Folder with pictures of several digits and a labels.csv (file,text); read as /predict/digits reads uploads.",
        };
        var report = new Option<string?>("--report") { Description = "Write a page with tables and the worst mistakes as pictures." };
        var command = new Command("evaluate", "Measure a model on MNIST's test images or on pictures of your own.")
        {
            model, data, images, shard, predictions, notDigits, numbers, report,
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            string? folder = arguments.GetValue(images);
            if (folder is not null && arguments.GetValue(data) is not null)
            {
                throw new TrainerException("Give --data or --images, not both.");
            }

            if (folder is null && arguments.GetValue(shard) is not null)
            {
                throw new TrainerException("--shard divides the pictures of --images: give both.");
            }

            string?[] withoutLabels = [arguments.GetValue(notDigits), arguments.GetValue(numbers)];
            bool isWithoutLabels = Array.Exists(withoutLabels, given => given is not null) && folder is null && arguments.GetValue(data) is null;
            if (isWithoutLabels && (arguments.GetValue(report) ?? arguments.GetValue(predictions)) is not null)
            {
                throw new TrainerException("--report and --predictions tell of images with labels: give --data or --images too.");
            }

            Shard part = arguments.GetValue(shard) is { } text ? Shard.Parse(text) : Shard.Whole;
            string? table = arguments.GetValue(predictions);
            string? page = arguments.GetValue(report);
            using DigitClassifier classifier = Load(arguments.GetValue(model)!);
            if (page is not null)
            {
                CommonOptions.RequireWritable("--report", page);
            }

            if (table is not null)
            {
                CommonOptions.RequireWritable("--predictions", table);
            }

            if (arguments.GetValue(notDigits) is { } folderOfOthers)
            {
                EvaluateNonDigits(classifier, folderOfOthers, cancellation);
            }

            if (arguments.GetValue(numbers) is { } folderOfNumbers)
            {
                NumberEvaluation.Run(classifier, folderOfNumbers, cancellation);
            }

            if (isWithoutLabels)
            {
                return ExitCodes.Success;
            }

            if (folder is null)
            {
                DigitSet test = await ConsoleDisplay.LoadTestAsync(MnistSource.Find(arguments.GetValue(data)), cancellation);
                Evaluate(classifier, test, "MNIST's test images", n => $"test image {n}", mayBeDigit: _ => true, table, page, cancellation);
            }
            else
            {
                LabelledPictures pictures = LabelledPictures.Load(folder, classifier, part, cancellation);
                string what = part == Shard.Whole ? $"the pictures in {folder}" : $"part {part} of the pictures in {folder}";
                if (pictures.Digits.Count > 0)
                {
                    OnnxPredictions read = Evaluate(
                        classifier, pictures.Digits, what, n => pictures.Names[n], n => pictures.IsDigit[n], table, page, cancellation);
                    WriteStyles(classifier, pictures, read);
                }
                else
                {
                    Console.WriteLine($"There is nothing in {what}.");
                    WriteTable(table, classifier, new OnnxPredictions([], []), pictures.Digits, n => pictures.Names[n], n => pictures.IsDigit[n]);
                }

                WriteRemarks(pictures);
            }

            return ExitCodes.Success;
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

    private static OnnxPredictions Evaluate(
        DigitClassifier classifier,
        DigitSet digits,
        string what,
        Func<int, string> names,
        Func<int, bool> mayBeDigit,
        string? table,
        string? report,
        CancellationToken cancellation)
    {
        OnnxPredictions predictions = OnnxPredictions.Of(classifier, digits, cancellation);
        SplitResult result = ClassificationMetrics.Measure(predictions.Probabilities, digits.Labels);
        Console.WriteLine($"{classifier.Name} {classifier.Card.Version} on {what}");
        Console.WriteLine($"Accuracy: {ResultText.Describe(result)}");
        Console.WriteLine(Invariant(
            $"Negative log-likelihood {result.NegativeLogLikelihood:F4} nats, expected calibration error {result.CalibrationError:F4}"));
        Console.WriteLine(Invariant(
            $"Believed to show one digit: {100.0 * Enumerable.Range(0, digits.Count).Count(n => IsDigit(classifier, predictions, n, mayBeDigit(n))) / digits.Count:F2} %"));
        Console.WriteLine();
        Console.WriteLine("digit  images   right   recall  precision  most often taken for");
        foreach (ClassResult c in ClassResult.Of(result))
        {
            Console.WriteLine(Invariant(
                $"{c.Digit,5}  {c.Images,6}  {c.Correct,6}  {100 * c.Recall,6:F2} %  {100 * c.Precision,7:F2} %  {c.TakenFor}").TrimEnd());
        }

        Console.WriteLine();
        Console.WriteLine("Confusion matrix, row = label, column = digit");
        Console.WriteLine($"     {string.Concat(Enumerable.Range(0, ModelContract.Classes).Select(digit => $"{digit,6}"))}");
        for (int label = 0; label < ModelContract.Classes; label++)
        {
            Console.WriteLine($"{label,5}{string.Concat(result.Confusion[label].Select(count => $"{(count == 0 ? "." : $"{count}"),6}"))}");
        }

        List<Mistake> mistakes = Mistake.Find(predictions.Probabilities, digits.Labels);
        if (mistakes.Count > 0)
        {
            Console.WriteLine();
            Console.WriteLine("Worst mistakes");
        }

        foreach (Mistake m in mistakes.Take(ShownMistakes))
        {
            Console.WriteLine(Invariant($"{names(m.Index)}: {m.Label} taken for {m.Digit} ({100 * m.Probabilities[m.Digit]:F1} %)"));
        }

        WriteTable(table, classifier, predictions, digits, names, mayBeDigit);
        if (report is not null)
        {
            AtomicFile.Write(report, EvaluationReport.Render(classifier, result, predictions, digits, what, names));
            Console.WriteLine();
            Console.WriteLine($"Wrote {report}");
        }

        return predictions;
    }

    /// <summary>A line for each style that the folder's labels name.</summary>
    private static void WriteStyles(DigitClassifier classifier, LabelledPictures pictures, OnnxPredictions read)
    {
        if (pictures.Styles.All(style => style.Length == 0))
        {
            return;
        }

        Console.WriteLine();
        Console.WriteLine("style                 images   right          called a digit");
        foreach (IGrouping<string, int> style in Enumerable.Range(0, pictures.Digits.Count).GroupBy(n => pictures.Styles[n]).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            int right = style.Count(n => TensorPrimitives.IndexOfMax(
                read.Probabilities.AsSpan(n * ModelContract.Classes, ModelContract.Classes)) == pictures.Digits.Labels[n]);
            int believed = style.Count(n => IsDigit(classifier, read, n, pictures.IsDigit[n]));
            Console.WriteLine(Invariant(
                $"{style.Key,-20}  {style.Count(),6}  {right,6} {100.0 * right / style.Count(),6:F2} %  {100.0 * believed / style.Count(),12:F2} %"));
        }
    }

    private static void WriteTable(
        string? path,
        DigitClassifier classifier,
        OnnxPredictions predictions,
        DigitSet digits,
        Func<int, string> names,
        Func<int, bool> mayBeDigit)
    {
        if (path is not null)
        {
            AtomicFile.Write(path, PredictionTable.Render(classifier, predictions, digits.Labels, names, mayBeDigit));
            Console.WriteLine();
            Console.WriteLine($"Wrote {path}");
        }
    }

    private static void EvaluateNonDigits(DigitClassifier classifier, string folder, CancellationToken cancellation)
    {
        LabelledPictures pictures = LabelledPictures.LoadNonDigits(folder, classifier, cancellation);
        OnnxPredictions predictions = OnnxPredictions.Of(classifier, pictures.Digits, cancellation);
        float[] evidence = IsDigitThreshold.Evidence(predictions.Logits);
        List<int> believed =
        [
            .. Enumerable.Range(0, evidence.Length)
                .Where(n => IsDigit(classifier, predictions, n, pictures.IsDigit[n]))
                .OrderByDescending(n => evidence[n]),
        ];
        int refused = evidence.Length - believed.Count;
        Console.WriteLine($"{classifier.Name} {classifier.Card.Version} on the pictures in {folder}, which show no digit");
        Console.WriteLine(Invariant($"Called no digit: {100.0 * refused / evidence.Length:F2} % ({refused:N0} of {evidence.Length:N0})"));
        foreach (int n in believed)
        {
            ReadOnlySpan<float> p = predictions.Probabilities.AsSpan(n * ModelContract.Classes, ModelContract.Classes);
            int digit = TensorPrimitives.IndexOfMax(p);
            Console.WriteLine(Invariant(
                $"{pictures.Names[n]}: taken for {digit} ({100 * p[digit]:F1} %, evidence {evidence[n]:F2}, threshold {classifier.Card.IsDigitThreshold:F2})"));
        }

        WriteRemarks(pictures);
        Console.WriteLine();
    }

    private static void WriteRemarks(LabelledPictures pictures)
    {
        foreach (string remark in pictures.Remarks())
        {
            Console.WriteLine(remark);
        }
    }

    private static bool IsDigit(DigitClassifier classifier, OnnxPredictions predictions, int n, bool mayBeDigit) =>
        classifier.Card.IsDigit(predictions.LogitsOf(n), mayBeDigit);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
