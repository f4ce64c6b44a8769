namespace MnistLstm.Growth;

/// <summary>
/// A cost or a rate at several sizes, and the power law y = a·xᵏ through it, by least squares in logarithms.
/// </summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">In the order of sizes, all positive.</param>
/// <param name="FitFrom">Smaller sizes are left out of the fit: there, what does not grow at all is most of the
/// cost.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points, double FitFrom = 0)
{
    public IReadOnlyList<(double X, double Y)> Fitted { get; } = [.. Points.Where(point => point.X >= FitFrom)];

    /// <summary>k: where the size doubles, the cost becomes 2ᵏ times as much.</summary>
    public double Slope
    {
        get
        {
            (double x, double y) = Center;
            return Fitted.Sum(point => (Math.Log(point.X) - x) * (Math.Log(point.Y) - y)) / Fitted.Sum(point =>
                Math.Pow(Math.Log(point.X) - x, 2));
        }
    }

    /// <summary>To two places, and a slope of nothing without a sign.</summary>
    public string SlopeText => $"{Math.Round(Slope, 2) + 0.0:F2}";

    private (double X, double Y) Center =>
        (Fitted.Average(point => Math.Log(point.X)), Fitted.Average(point => Math.Log(point.Y)));

    /// <summary>The power law's value for a size.</summary>
    public double At(double x) => Math.Exp(Center.Y + (Slope * (Math.Log(x) - Center.X)));
}
