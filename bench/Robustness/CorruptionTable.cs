using System.Text.RegularExpressions;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Bench.Robustness;

/// <summary>The error on corrupted test images.</summary>
internal static partial class CorruptionTable
{
    private const int Seed = 0;

    public static void Write(TextWriter output, DigitClassifier classifier, DigitClassifier baseline, DigitSet test)
    {
        output.WriteLine("## Corrupted digits");
        output.WriteLine();
        output.WriteLine($"Error on MNIST's {test.Count:N0} test images with the fifteen corruptions of MNIST-C.");
        output.WriteLine(
            "\"Rows\": pixels straight into the network. \"Path\": `DigitNormalizer` first, as in the service.");
        output.WriteLine();
        string name = classifier.Name;
        output.WriteLine($"| corruption | {baseline.Name}, rows | {name}, rows | {name}, path | refused |");
        output.WriteLine("|---|---|---|---|---|");
        Write(output, "none", Measure(classifier, baseline, test));
        var all = new List<double[]>();
        foreach (Corruption corruption in Enum.GetValues<Corruption>())
        {
            all.Add(Measure(classifier, baseline, CorruptedDigits.Make(test, corruption, Seed)));
            Write(output, WordBreak().Replace($"{corruption}", " $1").ToLowerInvariant().Trim(), all[^1]);
        }

        Write(output, "mean of the fifteen", [.. Enumerable.Range(0, 4).Select(c => all.Average(row => row[c]))]);
        output.WriteLine();
    }

    private static double[] Measure(DigitClassifier classifier, DigitClassifier baseline, DigitSet images)
    {
        ServicePath path = ServicePath.Read(classifier, images);
        return
        [
            Error(OnnxPredictions.Of(baseline, images), images),
            Error(OnnxPredictions.Of(classifier, images), images),
            Error(path.Predictions, images),
            path.ShareRefused,
        ];
    }

    private static double Error(OnnxPredictions predictions, DigitSet images) =>
        1 - ClassificationMetrics.Measure(predictions.Probabilities, images.Labels).Accuracy;

    private static void Write(TextWriter output, string name, double[] shares) =>
        output.WriteLine($"| {name} | {string.Join(" | ", shares.Select(share => $"{100 * share:F2} %"))} |");

    [GeneratedRegex("([A-Z])")]
    private static partial Regex WordBreak();
}
