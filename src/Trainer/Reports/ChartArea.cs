namespace MnistLstm.Trainer.Reports;

/// <summary>Scales and axes of an SVG chart.</summary>
public sealed class ChartArea(double xMin, double xMax, double yMin, double yMax)
{
    /// <summary>Start and width of the curves' names.</summary>
    public const double LegendStart = 200;

    public const double LegendWidth = 120;

    private const double Width = 640;
    private const double Height = 340;
    private const double Left = 64;
    private const double Right = 32;
    private const double Top = 28;
    private const double Bottom = 48;

    /// <summary>The leading digits of round numbers.</summary>
    private static readonly int[] RoundDigits = [1, 2, 5, 10];

    public double X(double value) => Left + ((value - xMin) / (xMax - xMin) * (Width - Left - Right));

    public double Y(double value) => Height - Bottom - ((value - yMin) / (yMax - yMin) * (Height - Top - Bottom));

    public string Axes(
        IEnumerable<double> xTicks, IEnumerable<double> yTicks, string xName, string yName, Func<double, string> yText,
        Func<double, string>? xText = null)
    {
        IEnumerable<string> rows = yTicks.Select(tick =>
            $"<line class=\"axis\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):F1}\" y2=\"{Y(tick):F1}\"/>"
            + $"<text x=\"{Left - 8}\" y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\">{yText(tick)}</text>");
        IEnumerable<string> columns = xTicks.Select(tick =>
            $"<text x=\"{X(tick):F1}\" y=\"{Height - Bottom + 18}\" "
            + $"text-anchor=\"middle\">{(xText ?? yText)(tick)}</text>");
        return string.Concat(rows.Concat(columns))
            + $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\" "
            + $"text-anchor=\"middle\">{HtmlPage.Text(xName)}</text>"
            + $"<text x=\"8\" y=\"16\">{HtmlPage.Text(yName)}</text>";
    }

    public static string Svg(string content) =>
        $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">{content}</svg>";

    /// <summary>About <paramref name="count"/> round numbers from the least to the most.</summary>
    public static double[] Ticks(double least, double most, int count)
    {
        double raw = (most - least) / count;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = RoundDigits.Select(f => f * power).First(s => s >= raw);
        var ticks = new List<double>();
        for (long n = (long)Math.Ceiling(least / step); n * step <= most + (step * 1e-9); n++)
        {
            ticks.Add(n * step); // of a whole number, or 0 would be written as -0
        }

        return [.. ticks];
    }
}
