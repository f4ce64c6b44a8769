using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.Reports;

/// <summary>The report of <c>evaluate --report</c>.</summary>
public static class EvaluationReport
{
    /// <summary>Mistakes on the contact sheet, at most.</summary>
    private const int MostMistakes = 400;

    public static string Render(
        DigitClassifier classifier, SplitResult result, float[] probabilities, List<Mistake> mistakes, DigitSet digits,
        string what, Func<int, string> names) =>
        HtmlPage.Render(
            $"{classifier.Name} on {what}",
            $"Model {classifier.Name}, version {classifier.Card.Version}, preset {classifier.Card.Preset}, seed "
            + $"{classifier.Card.Seed}.",
            ResultSections.Figures(result, what),
            ResultSections.PerDigit(result),
            ResultSections.Confusion(result),
            ResultSections.Calibration(probabilities, digits.Labels),
            ResultSections.Mistakes([.. mistakes.Take(MostMistakes)], mistakes.Count, digits, names));
}
