using System.Globalization;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Tests.Reports;

public sealed class ChartAreaTests
{
    [Theory]
    [InlineData(0, 1000, "0 200 400 600 800 1000")]
    [InlineData(-0.15, 3.3, "0 1 2 3")]
    [InlineData(0.9931, 0.9979, "0.994 0.995 0.996 0.997")]
    [InlineData(-1.2, 0.4, "-1 -0.5 0")]
    public void Axes_are_labeled_at_round_numbers(double least, double most, string labels) =>
        string.Join(' ', ChartArea.Ticks(least, most, count: 5)
            .Select(tick => tick.ToString("0.###", CultureInfo.InvariantCulture))).ShouldBe(labels);
}
