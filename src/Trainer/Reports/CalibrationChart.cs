using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.Reports;

/// <summary>A reliability diagram: how often predictions of a confidence are right.</summary>
public static class CalibrationChart
{
    public static string Render(CalibrationBin[] bins)
    {
        var plot = new ChartArea(xMin: 0, xMax: 1, yMin: 0, yMax: 1);
        string axes = plot.Axes([0, 0.2, 0.4, 0.6, 0.8, 1], [0, 0.2, 0.4, 0.6, 0.8, 1], "confidence",
            "share that is right", value => $"{100 * value:F0} %");
        string even = $"<line class=\"even\" x1=\"{plot.X(0):F1}\" y1=\"{plot.Y(0):F1}\" x2=\"{plot.X(1):F1}\" "
            + $"y2=\"{plot.Y(1):F1}\"/>";
        IEnumerable<string> dots = bins.Where(bin => bin.Count > 0).Select(bin =>
        {
            double confidence = bin.ConfidenceSum / bin.Count;
            double right = (double)bin.Correct / bin.Count;
            return $"<circle class=\"bar\" cx=\"{plot.X(confidence):F1}\" cy=\"{plot.Y(right):F1}\" "
                + $"r=\"{2 + (2 * Math.Log10(bin.Count)):F1}\"><title>{bin.Count:N0} images, confidence "
                + $"{100 * confidence:F2} %, right {100 * right:F2} %</title></circle>";
        });
        return $"<figure>{ChartArea.Svg(axes + even + string.Concat(dots))}<figcaption>On the dashed line a "
            + "probability means what it says. A larger dot stands for more images.</figcaption></figure>";
    }
}
