using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.Tests.Evaluation;

public sealed class NumberMetricsTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("42", "", 0)]
    [InlineData("", "42", 0)]
    [InlineData("1234", "1234", 4)]
    [InlineData("1234", "134", 3)] // one is missing
    [InlineData("1234", "12334", 4)] // one too many
    [InlineData("1234", "1934", 3)] // one is wrong
    [InlineData("12", "21", 1)] // an insertion and a deletion cost as much as two substitutions, and pair a digit
    [InlineData("1111", "11", 2)]
    [InlineData("7", "177", 1)]
    public void Digits_are_paired_by_the_least_edit_distance(string text, string read, int matches) =>
        NumberMetrics.CountMatches(text, read).ShouldBe(matches);

    [Fact]
    public void Digits_read_and_digits_in_the_pictures_are_counted_separately()
    {
        var metrics = new NumberMetrics();

        metrics.Add("1234", "1234").ShouldBeTrue();
        metrics.Add("56", "5").ShouldBeFalse();
        metrics.Add("", "77").ShouldBeFalse();
        metrics.Add("8", "8?").ShouldBeFalse();

        metrics.Numbers.ShouldBe(4);
        metrics.Exact.ShouldBe(1);
        metrics.Matches.ShouldBe(6);
        metrics.ReadDigits.ShouldBe(8);
        metrics.TrueDigits.ShouldBe(7);
    }
}
