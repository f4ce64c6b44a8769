using System.Globalization;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Tests;

/// <summary>The figures in README.md and docs/model.md are those of the committed models' cards.</summary>
public sealed class DocumentedFiguresTests
{
    private static readonly ModelCard Seed = Card("seed");
    private static readonly ModelCard Digits = Card("digits");
    private static readonly ModelCard Floats = Card("digits-float");

    [Fact]
    public void The_README_s_accuracies_are_the_cards_()
    {
        string[] rows = Table("README.md", "| what | figure | made by |");

        rows[0].ShouldBe(Row(
            "`models/digits.onnx`, MNIST's 10,000 test images", ResultText.Describe(Digits.Test),
            "`dotnet run --project src/Trainer -c Release -- evaluate models/digits.onnx`"));
        rows[1].ShouldBe(Row(
            "`models/seed.onnx`, the same", ResultText.Describe(Seed.Test),
            "`dotnet run --project src/Trainer -c Release -- evaluate models/seed.onnx`"));
        rows[2].ShouldBe(Row(
            "largest difference of a probability between TorchSharp and ONNX Runtime on them",
            $"{Short(Floats.Parity)} (`digits-float`), {Short(Seed.Parity)} (`seed`)",
            "`train`, which fails above 1.0e-5"));
        ModelWriter.ParityTolerance.ShouldBe(1e-5);
    }

    [Fact]
    public void The_figures_of_the_model_s_page_are_the_cards_()
    {
        string[] expected =
        [
            OfEach("accuracy on the 10,000 test images", card => Percent(card.Test.Accuracy)),
            OfEach("… 95 % interval (Wilson)", card => Interval(card.Test)),
            OfEach("accuracy on the 5,000 held-out images", card => Percent(card.Validation!.Accuracy)),
            OfEach("negative log-likelihood, test, nats", card => Fixed(card.Test.NegativeLogLikelihood, 4)),
            OfEach("expected calibration error, test, 15 bins", card => Fixed(card.Test.CalibrationError, 4)),
        ];

        Table("docs/model.md", "| | `seed.onnx` | `digits-float.onnx` | `digits.onnx` |")
            .ShouldBe(expected, $"The table is to be:\n{string.Join('\n', expected)}");
    }

    private static ModelCard Card(string name) =>
        ModelCard.FromJson(File.ReadAllText(Repository.PathOf("models", $"{name}.card.json")));

    /// <summary>The rows below the header, up to the first line that is none.</summary>
    private static string[] Table(string document, string header)
    {
        string[] lines = File.ReadAllLines(Repository.PathOf(document.Split('/')));
        int start = Array.IndexOf(lines, header);
        start.ShouldBeGreaterThan(-1, $"{document} has no table '{header}'");
        return [.. lines.Skip(start + 2).TakeWhile(line => line.StartsWith('|'))];
    }

    private static string OfEach(string what, Func<ModelCard, string> figure) =>
        Row(what, figure(Seed), figure(Floats), figure(Digits));

    private static string Row(params string[] cells) => $"| {string.Join(" | ", cells)} |";

    private static string Percent(double share) => $"{Fixed(100 * share, 2)} %";

    private static string Interval(SplitResult result) =>
        $"{Fixed(100 * result.Interval[0], 2)} to {Percent(result.Interval[1])}";

    private static string Fixed(double value, int decimals) =>
        value.ToString($"F{decimals}", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("0.0e-0", CultureInfo.InvariantCulture);
}
