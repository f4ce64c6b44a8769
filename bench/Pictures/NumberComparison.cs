using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Pixels;
using MnistLstm.Support;
using MnistLstm.Support.HardPictures;
using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Bench.Pictures;

/// <summary>
/// Sheets of every style, made from MNIST's held-out first 5,000 training images, read as <c>/predict/digits</c> reads
/// them.
/// </summary>
internal static class NumberComparison
{
    public const string Switch = "numbers";

    private const int BatchSize = 32;

    public static void Run(string modelPath, int sheetsAStyle, int firstSheet, string? mistakesFolder)
    {
        MnistImages mnist = MnistImages.Train();
        using DigitClassifier classifier = DigitClassifier.Load(modelPath);
        using ClassifierBatch batch = classifier.CreateBatch(BatchSize);
        Console.WriteLine(
            $"{classifier.Name} {classifier.Card.Version}, {sheetsAStyle} sheets a style, from number {firstSheet} on");
        Console.WriteLine();
        Console.WriteLine("| style | digits | exact | recall of digits | precision |");
        Console.WriteLine("|---|---|---|---|---|");
        var all = new NumberMetrics();
        foreach (SheetStyle style in Enum.GetValues<SheetStyle>())
        {
            var metrics = new NumberMetrics();
            using NumberSheet? mistakes = mistakesFolder is null ? null : new NumberSheet();
            for (int n = firstSheet; n < firstSheet + sheetsAStyle; n++)
            {
                var sheet = Sheet.Make(mnist, style, n);
                IReadOnlyList<ReadDigit> digits = Read(sheet.File, batch, classifier.Card);
                string read = string.Concat(digits.Select(digit => digit.Character));
                string text = sheet.Text.Replace("\n", "", StringComparison.Ordinal);
                all.Add(text, read);
                if (!metrics.Add(text, read))
                {
                    mistakes?.Add(sheet.File, digits, $"{style}-{n}: {text} read as {read}");
                }
            }

            mistakes?.Save(Path.Combine(mistakesFolder!, $"{style}.png"));
            Write($"{style}", metrics);
        }

        Write("all", all);
    }

    private static IReadOnlyList<ReadDigit> Read(byte[] file, ClassifierBatch batch, ModelCard card)
    {
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
        using GrayImage picture = image!;
        return FigureReader.Read(picture, batch, card);
    }

    private static void Write(string style, NumberMetrics metrics) => Console.WriteLine(
        $"| {style} | {metrics.TrueDigits} | {100.0 * metrics.Exact / metrics.Numbers:F1} %"
        + $" | {100.0 * metrics.Matches / metrics.TrueDigits:F1} % | "
        + $"{100.0 * metrics.Matches / Math.Max(metrics.ReadDigits, 1):F1} % |");
}
