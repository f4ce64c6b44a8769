using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>evaluate --numbers</c>: pictures of several digits, read as <c>/predict/digits</c> reads them.</summary>
internal static class NumberEvaluation
{
    private const int BatchSize = 32;
    private const int ShownMistakes = 20;

    /// <exception cref="TrainerException">The folder, or every picture in it, cannot be read.</exception>
    public static void Run(DigitClassifier classifier, string folder, CancellationToken cancellation)
    {
        IReadOnlyList<LabeledNumber> numbers = LabeledNumber.Load(folder);
        using ClassifierBatch batch = classifier.CreateBatch(BatchSize);
        var metrics = new NumberMetrics();
        List<string> mistakes = [];
        List<string> unread = [];
        foreach (LabeledNumber number in numbers)
        {
            cancellation.ThrowIfCancellationRequested();
            if (PictureFile.Open(
                Path.Combine(folder, number.Name), out PictureFile? file, ImageDecoder.DigitsSide) is { } problem)
            {
                unread.Add($"{number.Name} ({problem})");
                continue;
            }

            using (file)
            {
                string read = string.Concat(FigureReader.Read(file!.Views(), batch, classifier.Card)
                    .Select(digit => digit.Character));
                if (!metrics.Add(number.Text, read))
                {
                    mistakes.Add($"{number.Name}: '{number.Text}' read as '{read}'");
                }
            }
        }

        if (metrics.Numbers == 0)
        {
            throw new TrainerException(
                $"None of the {unread.Count:N0} pictures in '{folder}' could be read; the first: {unread[0]}.");
        }

        Console.WriteLine($"{classifier.Name} {classifier.Card.Version} on the numbers in {folder}");
        Console.WriteLine($"Exact: {Share(metrics.Exact, metrics.Numbers)} numbers");
        Console.WriteLine($"Recall: {Share(metrics.Matches, metrics.TrueDigits)} digits in the pictures");
        Console.WriteLine($"Precision: {Share(metrics.Matches, metrics.ReadDigits)} digits that were read");
        foreach (string mistake in mistakes.Take(ShownMistakes))
        {
            Console.WriteLine(mistake);
        }

        if (mistakes.Count > ShownMistakes)
        {
            Console.WriteLine($"… and {mistakes.Count - ShownMistakes:N0} more");
        }

        if (unread.Count > 0)
        {
            Console.WriteLine($"Not read and not counted: {string.Join(", ", unread)}");
        }
    }

    private static string Share(int count, int of) => $"{100.0 * count / Math.Max(of, 1):F2} % ({count:N0} of {of:N0})";
}
