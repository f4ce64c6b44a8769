using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Commands;

/// <summary><c>evaluate</c> on labeled digits: figures, a table and a page.</summary>
/// <param name="what">"MNIST's test images".</param>
/// <param name="mayBeDigit">Whether an image shows no second figure, by index.</param>
internal sealed class DigitEvaluation(
    DigitClassifier classifier, DigitSet digits, string what, Func<int, string> names, Func<int, bool> mayBeDigit)
{
    private const int ShownMistakes = 10;

    private OnnxPredictions _predictions = new([], []);
    private bool[] _isDigit = [];

    /// <summary>Prints all figures and writes the files that have a path.</summary>
    public void Run(string? predictionsPath, string? reportPath, CancellationToken cancellation)
    {
        _predictions = OnnxPredictions.Of(classifier, digits, cancellation);
        _isDigit =
        [
            .. Enumerable.Range(0, digits.Count)
                .Select(n => classifier.Card.IsDigit(_predictions.LogitsOf(n), mayBeDigit(n))),
        ];
        Func<string> table = () => PredictionTable.Render(_predictions, digits.Labels, names, _isDigit);
        if (digits.Count == 0)
        {
            string noReport = reportPath is null ? "" : $", so '{reportPath}' is not written";
            Console.WriteLine($"There is nothing in {what}{noReport}.");
            Write(predictionsPath, table);
            return;
        }

        SplitResult result = ClassificationMetrics.Measure(_predictions.Probabilities, digits.Labels);
        double believed = 100.0 * _isDigit.Count(isDigit => isDigit) / digits.Count;
        Console.WriteLine($"{classifier.Name} {classifier.Card.Version} on {what}");
        Console.WriteLine($"Accuracy: {ResultText.Describe(result)}");
        Console.WriteLine($"Negative log-likelihood {result.NegativeLogLikelihood:F4} nats, expected calibration error "
            + $"{result.CalibrationError:F4}");
        Console.WriteLine($"Believed to show one digit: {believed:F2} %");
        WriteClasses(result);
        WriteConfusion(result);
        List<Mistake> mistakes = Mistake.Find(_predictions.Probabilities, digits.Labels);
        WriteMistakes(mistakes);
        Write(predictionsPath, table);
        Write(reportPath, () => EvaluationReport.Render(
            classifier, result, _predictions.Probabilities, mistakes, digits, what, names));
    }

    /// <summary>A line for each style that the folder's labels name.</summary>
    public void WriteStyles(IReadOnlyList<string> styles)
    {
        if (styles.All(style => style.Length == 0))
        {
            return;
        }

        Console.WriteLine();
        Console.WriteLine("style                 images   right          called a digit");
        foreach (IGrouping<string, int> style in Enumerable.Range(0, digits.Count).GroupBy(n => styles[n])
            .OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            int count = style.Count();
            int right = style.Count(n => _predictions.DigitOf(n).Digit == digits.Labels[n]);
            double believed = 100.0 * style.Count(n => _isDigit[n]) / count;
            Console.WriteLine(
                $"{style.Key,-20}  {count,6}  {right,6} {100.0 * right / count,6:F2} %  {believed,12:F2} %");
        }
    }

    private static void Write(string? path, Func<string> content)
    {
        if (path is not null)
        {
            AtomicFile.Write(path, content());
            Console.WriteLine();
            Console.WriteLine($"Wrote {path}");
        }
    }

    private static void WriteClasses(SplitResult result)
    {
        Console.WriteLine();
        Console.WriteLine("digit  images   right   recall  precision  most often taken for");
        foreach (ClassResult c in ClassResult.Of(result))
        {
            Console.WriteLine(
                $"{c.Digit,5}  {c.Images,6}  {c.Correct,6}  {ResultText.Percent(c.Recall),8}  "
                + $"{ResultText.Percent(c.Precision),9}  {c.TakenFor}".TrimEnd());
        }
    }

    private static void WriteConfusion(SplitResult result)
    {
        Console.WriteLine();
        Console.WriteLine("Confusion matrix, row = label, column = digit");
        Console.WriteLine(
            $"     {string.Concat(Enumerable.Range(0, ModelContract.Classes).Select(digit => $"{digit,6}"))}");
        for (int label = 0; label < ModelContract.Classes; label++)
        {
            IEnumerable<string> counts =
                result.Confusion[label].Select(count => $"{(count == 0 ? "." : $"{count}"),6}");
            Console.WriteLine($"{label,5}{string.Concat(counts)}");
        }
    }

    private void WriteMistakes(List<Mistake> mistakes)
    {
        if (mistakes.Count > 0)
        {
            Console.WriteLine();
            Console.WriteLine("Worst mistakes");
        }

        foreach (Mistake m in mistakes.Take(ShownMistakes))
        {
            Console.WriteLine(
                $"{names(m.Index)}: {m.Label} taken for {m.Digit} ({100 * m.Probabilities[m.Digit]:F1} %)");
        }
    }
}
