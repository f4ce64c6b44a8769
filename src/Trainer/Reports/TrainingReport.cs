using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Reports;

/// <summary>The report beside a model: the course of training, the result, every mistake on the test set.</summary>
public static class TrainingReport
{
    public static string Render(WrittenModel model, TrainingHistory history, MnistDataset data)
    {
        ModelCard card = model.Card;
        List<Mistake> mistakes = Mistake.Find(model.TestProbabilities, data.Test.Labels);
        return HtmlPage.Render(
            $"Training of {Path.GetFileNameWithoutExtension(model.Path)}",
            $"Preset {card.Preset}, seed {card.Seed}, version {card.Version}, commit {card.Commit}; "
            + $"{card.ParameterCount:N0} parameters, {card.Run!.Seconds:N0} s on {card.Run.Machine}.",
            ResultSections.Figures(card.Test, data.TestName),
            HtmlPage.Section("Course of training", $"<div class=\"charts\">{Loss(history)}{Accuracy(history)}</div>"),
            HtmlPage.Section("On the held-out images", ResultSections.Figures(card.Validation!, "the held-out images")),
            ResultSections.PerDigit(card.Test),
            ResultSections.Confusion(card.Test),
            ResultSections.Calibration(model.TestProbabilities, data.Test.Labels),
            HyperParameters(card),
            ResultSections.Mistakes(mistakes, mistakes.Count, data.Test, n => $"test image {n}"));
    }

    private static string Loss(TrainingHistory history) => CurveChart.Render(
        "loss, nats",
        value => $"{value:0.###}",
        "Mean cross-entropy: of the batches, averaged where they are many, and on validation after each epoch. That "
        + "of the batches is the larger where teachers and pictures of no digit have their part in it.",
        new CurveChart.Curve("training", [.. history.Losses.Select((loss, i) => (i + 1, (double)loss))]),
        new CurveChart.Curve("validation", [.. history.Epochs.Select(epoch => (epoch.Step, epoch.ValidationLoss))]));

    private static string Accuracy(TrainingHistory history) => CurveChart.Render(
        "accuracy",
        value => $"{100 * value:0.##} %",
        "Share of the held-out images that are read right, after each epoch; of each logged batch, where the "
        + "run logs them.",
        new CurveChart.Curve("batch", [.. history.LogLines.Select(line => (line.Step, (double)line.Accuracy))]),
        new CurveChart.Curve("validation",
            [.. history.Epochs.Select(epoch => (epoch.Step, epoch.ValidationAccuracy))]));

    private static string HyperParameters(ModelCard card)
    {
        IEnumerable<string> rows = card.HyperParameters.Select(p =>
            $"<tr><td class=\"text\"><code>--{HtmlPage.Text(p.Key)}</code></td><td "
            + $"class=\"text\">{HtmlPage.Text(p.Value)}</td></tr>");
        return HtmlPage.Section("Hyper-parameters",
            $"<div class=\"wide\"><table>\n{string.Join('\n', rows)}\n</table></div>");
    }
}
