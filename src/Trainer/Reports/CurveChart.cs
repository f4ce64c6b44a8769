using System.Text;

namespace MnistLstm.Trainer.Reports;

/// <summary>Curves over the steps of a run.</summary>
public static class CurveChart
{
    private const int TickCount = 5;

    /// <summary>The points of a curve that are drawn; longer curves are averaged down to this number.</summary>
    private const int MostPoints = 300;

    /// <param name="yName">The name of the values, with the unit.</param>
    /// <param name="yText">A value of it as text.</param>
    /// <param name="caption">One sentence, plain text.</param>
    public static string Render(
        string yName, Func<double, string> yText, string caption, params IReadOnlyList<Curve> curves)
    {
        Curve[] drawn = [.. curves.Where(curve => curve.Points.Count > 0).Select(Thin)];
        if (drawn.Length == 0)
        {
            return "";
        }

        double xMax = drawn.Max(curve => curve.Points[^1].Step);
        double yMin = drawn.Min(curve => curve.Points.Min(point => point.Value));
        double yMax = drawn.Max(curve => curve.Points.Max(point => point.Value));
        double margin = yMax > yMin ? (yMax - yMin) * 0.05 : Math.Max(Math.Abs(yMax) * 0.05, 1e-6);
        var plot = new ChartArea(xMin: 0, xMax: xMax, yMin: yMin - margin, yMax: yMax + margin);
        var svg = new StringBuilder(plot.Axes(
            ChartArea.Ticks(0, xMax, TickCount),
            ChartArea.Ticks(yMin - margin, yMax + margin, TickCount),
            "step",
            yName,
            yText,
            step => step.ToString("N0")));
        double legend = ChartArea.LegendStart;
        foreach ((Curve curve, string style) in drawn.Zip(["one", "two"]))
        {
            string path = string.Join(' ', curve.Points.Select((point, i) =>
                $"{(i == 0 ? 'M' : 'L')}{plot.X(point.Step):F1} {plot.Y(point.Value):F1}"));
            svg.Append($"<path class=\"{style}\" d=\"{path}\"/>");
            svg.Append($"<text class=\"{style}\" x=\"{legend}\" y=\"16\">{HtmlPage.Text(curve.Name)}</text>");
            legend += ChartArea.LegendWidth;
        }

        return $"<figure>{ChartArea.Svg(svg.ToString())}<figcaption>{HtmlPage.Text(caption)}</figcaption></figure>";
    }

    private static Curve Thin(Curve curve)
    {
        int stride = (curve.Points.Count + MostPoints - 1) / MostPoints;
        return curve with
        {
            Points = [.. curve.Points.Chunk(stride)
                .Select(chunk => (chunk[^1].Step, chunk.Average(point => point.Value)))],
        };
    }

    public sealed record Curve(string Name, IReadOnlyList<(int Step, double Value)> Points);
}
