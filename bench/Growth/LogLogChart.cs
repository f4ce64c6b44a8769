using System.Globalization;
using System.Text;

namespace MnistLstm.Growth;

/// <summary>
/// Curves on logarithmic axes as an SVG file that needs nothing else: a power law is a straight line, drawn dashed with
/// its slope.
/// Text is SVG text, and the colors follow the reader's light or dark scheme.
/// </summary>
/// <param name="Title">The title: what grows with what.</param>
/// <param name="XName">With its unit.</param>
/// <param name="YName">With its unit.</param>
/// <param name="XTicks">Positions of the axis labels.</param>
/// <param name="Curves">One to three.</param>
internal sealed record LogLogChart(string Title, string XName, string YName,
    IReadOnlyList<(double X, string Text)> XTicks, IReadOnlyList<Curve> Curves)
{
    private const double Width = 720;
    private const double PlotHeight = 300;
    private const double Left = 76;
    private const double Right = 36;
    private const double FirstLegend = 58;
    private const double LegendStep = 22;
    private const double Bottom = 56;
    private const double DotRadius = 4;

    private const string Style =
        """
        text { font: 13px system-ui, -apple-system, "Segoe UI", Inter, "DejaVu Sans", sans-serif; fill: #1f2328; }
        .title { font-size: 16px; font-weight: 600; }
        .quiet { fill: #59636e; }
        .card { fill: #ffffff; stroke: #d1d9e0; }
        .grid { stroke: #e3e7eb; }
        .curve, .fit { fill: none; stroke-width: 2; }
        .fit { stroke-width: 1.5; stroke-dasharray: 6 5; opacity: 0.75; }
        .c0 { stroke: #0a5cc2; } .c1 { stroke: #b35900; } .c2 { stroke: #1a7f37; }
        circle.c0 { fill: #0a5cc2; } circle.c1 { fill: #b35900; } circle.c2 { fill: #1a7f37; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .quiet { fill: #9ba6b2; }
          .card { fill: #0d1117; stroke: #30363d; }
          .grid { stroke: #262c34; }
          .c0 { stroke: #6cb0ff; } .c1 { stroke: #f0a35e; } .c2 { stroke: #56d364; }
          circle.c0 { fill: #6cb0ff; } circle.c1 { fill: #f0a35e; } circle.c2 { fill: #56d364; }
        }
        """;

    /// <summary>From one round number to the next, a third of a decade and no more.</summary>
    private static readonly double[] RoundDigits = [1, 2, 5];

    /// <summary>If there are more decades than this, only powers of ten are labeled.</summary>
    private const double ManyDecades = 2;

    private double Top => FirstLegend + (LegendStep * Curves.Count) + 24;

    private double Height => Top + PlotHeight + Bottom;

    public string Render()
    {
        double[] yTicks = YTicks();
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" "
            + $"height=\"{Height}\" role=\"img\">\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<title>{Title}. {string.Join("; ", Curves.Select(Describe))}.</title>\n<style>\n{Style}\n</style>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"{Width - 1}\" height=\"{Height - 1}\" rx=\"8\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"title\" x=\"20\" y=\"32\">{Title}</text>\n");
        for (int c = 0; c < Curves.Count; c++)
        {
            double y = FirstLegend + (LegendStep * c);
            svg.Append(CultureInfo.InvariantCulture,
                $"<path class=\"curve c{c}\" d=\"M20 {y - 4}H44\"/><circle class=\"c{c}\" cx=\"32\" cy=\"{y - 4}\" "
                + $"r=\"{DotRadius}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"52\" y=\"{y}\">{Describe(Curves[c])}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"quiet\" x=\"20\" y=\"{Top - 12}\">{YName}</text>\n");
        foreach (double tick in yTicks)
        {
            double y = Y(tick, yTicks);
            svg.Append(CultureInfo.InvariantCulture,
                $"<path class=\"grid\" d=\"M{Left} {y:F1}H{Width - Right}\"/><text class=\"quiet\" x=\"{Left - 8}\" "
                + $"y=\"{y + 4.5:F1}\" text-anchor=\"end\">{Number(tick)}</text>\n");
        }

        foreach ((double tick, string text) in XTicks)
        {
            double x = X(tick);
            svg.Append(CultureInfo.InvariantCulture,
                $"<path class=\"grid\" d=\"M{x:F1} {Top}V{Top + PlotHeight}\"/><text class=\"quiet\" x=\"{x:F1}\" "
                + $"y=\"{Top + PlotHeight + 20}\" text-anchor=\"middle\">{text}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture,
            $"<text class=\"quiet\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 14}\" "
            + $"text-anchor=\"middle\">{XName}</text>\n");
        for (int c = 0; c < Curves.Count; c++)
        {
            Draw(svg, Curves[c], c, yTicks);
        }

        return svg.Append("</svg>\n").ToString();
    }

    public static string Number(double value) => value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        _ => value.ToString("G3", CultureInfo.InvariantCulture),
    };

    private string Describe(Curve curve)
    {
        string from = curve.FitFrom > 0 ? $" from {XTicks.First(tick => tick.X >= curve.FitFrom).Text} on" : "";
        return $"{curve.Name}: slope {curve.SlopeText}{from}";
    }

    private void Draw(StringBuilder svg, Curve curve, int index, double[] yTicks)
    {
        (double X, double Y)[] ends =
            [.. ((double[])[curve.Fitted[0].X, curve.Fitted[^1].X]).Select(x => (x, curve.At(x)))];
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"fit c{index}\" d=\"{Path(ends, yTicks)}\"/>");
        svg.Append(CultureInfo.InvariantCulture,
            $"<path class=\"curve c{index}\" d=\"{Path(curve.Points, yTicks)}\"/>");
        foreach ((double x, double y) in curve.Points)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<circle class=\"c{index}\" cx=\"{X(x):F1}\" cy=\"{Y(y, yTicks):F1}\" "
                + $"r=\"{DotRadius}\"><title>{Number(y)}</title></circle>");
        }

        svg.Append('\n');
    }

    private string Path(IEnumerable<(double X, double Y)> points, double[] yTicks) =>
        "M" + string.Join('L', points.Select(point =>
            string.Create(CultureInfo.InvariantCulture, $"{X(point.X):F1} {Y(point.Y, yTicks):F1}")));

    private double X(double value)
    {
        double least = Curves.Min(curve => curve.Points[0].X);
        double most = Curves.Max(curve => curve.Points[^1].X);
        return Left + (Math.Log(value / least) / Math.Log(most / least) * (Width - Left - Right));
    }

    private double Y(double value, double[] ticks) =>
        Top + PlotHeight - (Math.Log(value / ticks[0]) / Math.Log(ticks[^1] / ticks[0]) * PlotHeight);

    /// <summary>Round numbers from below the least value to above the most.</summary>
    private double[] YTicks()
    {
        double[] drawn = [.. Curves.SelectMany(curve =>
            curve.Points.Select(point => point.Y).Concat(curve.Fitted.Select(point => curve.At(point.X))))];
        double least = drawn.Min();
        double most = drawn.Max();
        double[] steps = Math.Log10(most / least) > ManyDecades ? [1] : RoundDigits;
        double[] all =
        [
            .. Enumerable.Range((int)Math.Floor(Math.Log10(least)), (int)Math.Ceiling(Math.Log10(most / least)) + 3)
                .SelectMany(power => steps.Select(digit => digit * Math.Pow(10, power)))
        ];
        return [.. all.Where((_, i) => (i + 1 == all.Length || all[i + 1] > least) && (i == 0 || all[i - 1] < most))];
    }
}
