using System.Diagnostics;
using MnistLstm.Api.Settings;
using MnistLstm.Shared.Models;

namespace MnistLstm.Steps;

/// <summary>The cost of the network in each shipped file, interleaved, on one core.</summary>
internal static class ModelCost
{
    private const int Rounds = 41;

    /// <summary>Images that a round computes, whatever N is.</summary>
    private const int Images = 960;

    private static readonly string[] Models = ["digits", "digits-float", "seed"];

    /// <summary>Writes a table of medians in Markdown.</summary>
    public static void Run(TextWriter output)
    {
        DigitClassifier[] classifiers =
            [.. Models.Select(name => DigitClassifier.Load(Path.Combine(ModelFolder.Default, name + ".onnx")))];
        output.WriteLine(
            FormattableString.Invariant(
                $"One image in a batch of N, medians of {Rounds} rounds of {Images} images each, in turns."));
        output.WriteLine();
        output.WriteLine($"| N | {string.Join(" | ", Models)} | {Models[0]} of {Models[1]} |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (int n in (int[])[1, 8, 32])
        {
            ClassifierBatch[] batches = [.. classifiers.Select(classifier => Classification.Filled(classifier, n))];
            double[][] times = [.. Models.Select(_ => new double[Rounds])];
            for (int round = -2; round < Rounds; round++)
            {
                // The order alternates, so that none always finds the caches as the other left them.
                for (int i = 0; i < batches.Length; i++)
                {
                    int model = (i + round + 2) % batches.Length;
                    double time = Microseconds(batches[model], n);
                    if (round >= 0)
                    {
                        times[model][round] = time;
                    }
                }
            }

            double ratio = times[0].Zip(times[1], (first, second) => first / second).Median();
            IEnumerable<string> medians =
                times.Select(model => FormattableString.Invariant($"{model.Median():F1} µs"));
            output.WriteLine(FormattableString.Invariant($"| {n} | {string.Join(" | ", medians)} | {ratio:F3} |"));
            foreach (ClassifierBatch batch in batches)
            {
                batch.Dispose();
            }
        }

        foreach (DigitClassifier classifier in classifiers)
        {
            classifier.Dispose();
        }
    }

    /// <summary>Time an image.</summary>
    private static double Microseconds(ClassifierBatch batch, int n)
    {
        long start = Stopwatch.GetTimestamp();
        for (int done = 0; done < Images; done += n)
        {
            batch.Run(n);
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Images;
    }
}
