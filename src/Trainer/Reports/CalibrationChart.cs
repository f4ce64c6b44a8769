using System.Text;
using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.Reports;

/// <summary>A reliability diagram: how often predictions of a confidence are right.</summary>
public static class CalibrationChart
{
    public static string Render(CalibrationBin[] bins)
    {
        var plot = new ChartArea(xMin: 0, xMax: 1, yMin: 0, yMax: 1);
        var svg = new StringBuilder();
        svg.Append(plot.Axes([0, 0.2, 0.4, 0.6, 0.8, 1], [0, 0.2, 0.4, 0.6, 0.8, 1], "confidence",
            "share that is right", value => $"{100 * value:F0} %"));
        svg.Append($"<line class=\"even\" x1=\"{plot.X(0):F1}\" y1=\"{plot.Y(0):F1}\" x2=\"{plot.X(1):F1}\" "
            + $"y2=\"{plot.Y(1):F1}\"/>");
        for (int b = 0; b < bins.Length; b++)
        {
            if (bins[b].Count == 0)
            {
                continue;
            }

            double confidence = bins[b].ConfidenceSum / bins[b].Count;
            double right = (double)bins[b].Correct / bins[b].Count;
            double radius = 2 + (2 * Math.Log10(bins[b].Count));
            svg.Append(
                $"<circle class=\"bar\" cx=\"{plot.X(confidence):F1}\" cy=\"{plot.Y(right):F1}\" "
                + $"r=\"{radius:F1}\"><title>{bins[b].Count:N0} images, confidence {100 * confidence:F2} %, right "
                + $"{100 * right:F2} %</title></circle>");
        }

        return $"<figure>{ChartArea.Svg(svg.ToString())}<figcaption>On the dashed line a probability means what it "
            + "says. A larger dot stands for more images.</figcaption></figure>";
    }
}
