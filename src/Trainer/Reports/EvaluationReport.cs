using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Reports;

/// <summary>The report of <c>evaluate --report</c>.</summary>
public static class EvaluationReport
{
    /// <summary>Mistakes on the contact sheet, at most.</summary>
    private const int MostMistakes = 400;

    public static string Render(
        DigitClassifier classifier, SplitResult result, OnnxPredictions predictions, DigitSet digits, string what,
        Func<int, string> names)
    {
        List<Mistake> mistakes = Mistake.Find(predictions.Probabilities, digits.Labels);
        return HtmlPage.Render(
            $"{classifier.Name} on {what}",
            $"Model {classifier.Name}, version {classifier.Card.Version}, preset {classifier.Card.Preset}, seed "
            + $"{classifier.Card.Seed}.",
            ResultSections.Figures(result, what),
            ResultSections.PerDigit(result),
            ResultSections.Confusion(result),
            ResultSections.Calibration(predictions.Probabilities, digits.Labels),
            ResultSections.Mistakes([.. mistakes.Take(MostMistakes)], mistakes.Count, digits, names));
    }
}
