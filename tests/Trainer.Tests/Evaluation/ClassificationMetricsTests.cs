using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Reports;

namespace MnistLstm.Trainer.Tests.Evaluation;

/// <summary>Against values worked out by hand.</summary>
public sealed class ClassificationMetricsTests
{
    /// <summary>Probabilities are float32.</summary>
    private const double Rounding = 1e-6;

    [Fact]
    public void Accuracy_and_confusion_are_counted()
    {
        float[] probabilities = [.. Row(0, 0.9f), .. Row(1, 0.8f), .. Row(7, 0.7f), .. Row(7, 0.6f), .. Row(2, 0.5f)];

        SplitResult result = ClassificationMetrics.Measure(probabilities, [0, 1, 7, 2, 2]);

        result.Images.ShouldBe(5);
        result.Correct.ShouldBe(4);
        result.Accuracy.ShouldBe(0.8);
        result.Confusion[2].ShouldBe([0, 0, 1, 0, 0, 0, 0, 1, 0, 0]);
        result.Confusion[7].ShouldBe([0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
        result.Confusion.Sum(row => row.Sum()).ShouldBe(5);
    }

    [Fact]
    public void The_negative_log_likelihood_is_the_mean_over_the_labels()
    {
        float[] probabilities = [.. Row(3, 0.5f), .. Row(4, 0.91f)];

        SplitResult result = ClassificationMetrics.Measure(probabilities, [3, 5]);

        // The second label has a ninth of what is left of 1: 0.01.
        result.NegativeLogLikelihood.ShouldBe((Math.Log(2) + Math.Log(100)) / 2, 1e-5);
    }

    [Fact]
    public void A_probability_of_zero_has_a_large_but_finite_cost()
    {
        SplitResult result = ClassificationMetrics.Measure([1, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1]);

        result.NegativeLogLikelihood.ShouldBe(87.3, 0.1);
    }

    [Fact]
    public void The_calibration_error_weighs_each_bin_s_gap_by_its_images()
    {
        // Bin 0.9333 to 1: three predictions at 0.95, two of them right: |2 - 2.85|. Bin 0.4667 to 0.5333: one at 0.5,
        // wrong: |0 - 0.5|.
        float[] probabilities = [.. Row(0, 0.95f), .. Row(1, 0.95f), .. Row(2, 0.95f), .. Row(3, 0.5f)];

        SplitResult result = ClassificationMetrics.Measure(probabilities, [0, 1, 9, 9]);

        result.CalibrationError.ShouldBe((0.85 + 0.5) / 4, Rounding);
    }

    [Fact]
    public void Bins_are_fifteen_of_equal_width()
    {
        float[] probabilities = [.. Row(0, 1), .. Row(0, 0.94f), .. Row(0, 0.93f), .. Row(0, 0.34f), .. Row(0, 0.33f)];

        CalibrationBin[] bins = ClassificationMetrics.Bins(probabilities, [0, 0, 0, 0, 1]);

        bins.Length.ShouldBe(15);
        bins.Select(bin => bin.Count).ShouldBe([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        bins[4].Correct.ShouldBe(0);
        bins[14].ConfidenceSum.ShouldBe(1.94, Rounding);
    }

    [Theory]
    [InlineData(8, 10, 0.490163, 0.943319)]
    [InlineData(0, 10, 0, 0.277533)]
    [InlineData(10, 10, 0.722467, 1)]
    [InlineData(126, 128, 0.944819, 0.995705)] // the post's 0.984375
    [InlineData(9650, 10_000, 0.961216, 0.968427)]
    public void The_interval_is_Wilson_s(int correct, int images, double lower, double upper)
    {
        double[] interval = ClassificationMetrics.WilsonInterval(correct, images);

        interval[0].ShouldBe(lower, 1e-5);
        interval[1].ShouldBe(upper, 1e-5);
    }

    [Fact]
    public void Recall_and_precision_are_taken_along_row_and_column()
    {
        float[] probabilities = [.. Row(4, 0.9f), .. Row(9, 0.9f), .. Row(9, 0.9f), .. Row(4, 0.9f), .. Row(7, 0.9f)];

        ClassResult[] results = ClassResult.Of(ClassificationMetrics.Measure(probabilities, [4, 4, 4, 9, 4]));

        results[4].Images.ShouldBe(4);
        results[4].Correct.ShouldBe(1);
        results[4].Recall.ShouldBe(0.25);
        results[4].Precision.ShouldBe(0.5);
        results[4].TakenFor.ShouldBe("9 (2), 7 (1)");
        results[0].Recall.ShouldBeNull();
        results[0].Precision.ShouldBeNull();
        ResultText.Percent(results[0].Recall).ShouldBe("–");
    }

    [Fact]
    public void The_most_certain_mistakes_come_first()
    {
        float[] probabilities = [.. Row(1, 0.6f), .. Row(2, 0.9f), .. Row(3, 0.8f)];

        List<Mistake> mistakes = Mistake.Find(probabilities, [0, 2, 5]);

        mistakes.Select(mistake => (mistake.Index, mistake.Label, mistake.Digit)).ShouldBe([(2, 5, 3), (0, 0, 1)]);
        mistakes[0].Probabilities.ShouldBe(Row(3, 0.8f));
    }

    /// <summary>A probability for one digit, and the rest in equal parts for the others.</summary>
    private static float[] Row(int digit, float probability)
    {
        float[] row = [.. Enumerable.Repeat((1 - probability) / 9, 10)];
        row[digit] = probability;
        return row;
    }
}
