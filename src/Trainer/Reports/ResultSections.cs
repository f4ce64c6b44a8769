using System.Numerics.Tensors;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.Reports;

/// <summary>Sections that show what a model got right and wrong on a set of digits.</summary>
public static class ResultSections
{
    public static string Figures(SplitResult result, string images) => HtmlPage.Figures(
        (ResultText.Percent(result.Accuracy), $"of {images} right"),
        ($"{result.Correct:N0} of {result.Images:N0}", "images right"),
        ($"{ResultText.Percent(result.Interval[0])} to {ResultText.Percent(result.Interval[1])}",
            "95 % Wilson interval"),
        ($"{result.NegativeLogLikelihood:F4}", "negative log-likelihood, nats"),
        ($"{result.CalibrationError:F4}",
            $"expected calibration error, {ClassificationMetrics.CalibrationBins} bins"));

    public static string PerDigit(SplitResult result)
    {
        IEnumerable<string> rows = ClassResult.Of(result).Select(c =>
            $"<tr><th>{c.Digit}</th><td>{c.Images:N0}</td><td>{c.Correct:N0}</td>"
            + $"<td>{ResultText.Percent(c.Recall)}</td><td>{ResultText.Percent(c.Precision)}</td>"
            + $"<td class=\"text\">{c.TakenFor}</td></tr>");
        return HtmlPage.Section("Digit by digit", $"""
            <div class="wide"><table>
            <tr><th>digit</th><th>images</th><th>right</th><th>recall</th><th>precision</th>
            <th class="text">most often taken for</th></tr>
            {string.Join('\n', rows)}
            </table></div>
            """);
    }

    public static string Confusion(SplitResult result)
    {
        IEnumerable<string> rows = result.Confusion.Select((row, label) =>
        {
            int images = Math.Max(1, row.Sum());
            IEnumerable<string> cells = row.Select((count, digit) => count == 0
                ? "<td class=\"quiet\">·</td>"
                : $"<td style=\"background: rgb(var({(label == digit ? "--heat" : "--bad")}) / "
                    + $"{Shade(count, images, label == digit):F3})\">{count:N0}</td>");
            return $"<tr><th>{label}</th>{string.Concat(cells)}</tr>";
        });
        string head = string.Concat(Enumerable.Range(0, ModelContract.Classes).Select(digit => $"<th>{digit}</th>"));
        return HtmlPage.Section("Confusion matrix", $"""
            <p class="quiet">Row: what the image shows. Column: what it was taken for.</p>
            <div class="wide"><table class="confusion">
            <tr><th></th>{head}</tr>
            {string.Join('\n', rows)}
            </table></div>
            """);
    }

    public static string Calibration(float[] probabilities, byte[] labels) => HtmlPage.Section("Calibration", $"""
        <div class="charts">
        {CalibrationChart.Render(ClassificationMetrics.Bins(probabilities, labels))}
        </div>
        """);

    public static string Mistakes(IReadOnlyList<Mistake> mistakes, int total, DigitSet digits, Func<int, string> names)
    {
        IEnumerable<string> items = mistakes.Select(m => $"""
            <li><img alt="{m.Label}, taken for {m.Digit}"
            src="data:image/png;base64,{Convert.ToBase64String(Picture(digits.Image(m.Index)))}">
            <b>{m.Label}</b> taken for <b>{m.Digit}</b><br>{Probable(m)}<br>
            <span class="name">{HtmlPage.Text(names(m.Index))}</span></li>
            """);
        string heading = mistakes.Count == total
            ? $"All {total:N0} mistakes"
            : $"The {mistakes.Count:N0} worst of {total:N0} mistakes";
        return HtmlPage.Section(heading, total == 0 ? "<p>There are none.</p>" : $"""
            <p class="quiet">The surest first, with the most probable digits.</p>
            <ul class="sheet">
            {string.Join('\n', items)}
            </ul>
            """);
    }

    /// <summary>Dark ink on white paper, as the digits were written.</summary>
    private static byte[] Picture(ReadOnlySpan<byte> digit)
    {
        Span<byte> pixels = stackalloc byte[RowSequence.Length];
        TensorPrimitives.Subtract(RowSequence.MaxPixel, digit, pixels);
        return GrayPng.Encode(pixels, RowSequence.Features, RowSequence.TimeSteps);
    }

    private static string Probable(Mistake mistake)
    {
        const int shown = 3;
        IEnumerable<int> likely = Enumerable.Range(0, ModelContract.Classes)
            .OrderByDescending(c => mistake.Probabilities[c]).Take(shown);
        return string.Join(", ", likely.Select(c => $"{c}:\u00a0{100 * mistake.Probabilities[c]:F1}\u00a0%"));
    }

    /// <summary>Mistakes are few: their shade goes with the square root, so that a single one is still seen.</summary>
    private static double Shade(int count, int images, bool right) =>
        right ? 0.5 * count / images : Math.Min(0.9, 0.15 + (4 * Math.Sqrt((double)count / images) / 2));
}
