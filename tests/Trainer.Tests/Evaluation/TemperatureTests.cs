using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;

namespace MnistLstm.Trainer.Tests.Evaluation;

public sealed class TemperatureTests
{
    /// <summary>The search ends where the likelihood is flat in double precision.</summary>
    private const double Precision = 1e-4;

    /// <summary>
    /// One logit x and nine zeros: p = e^(x/T) / (e^(x/T) + 9), which is the share q that is right at T = x / ln(9q /
    /// (1 − q)).
    /// </summary>
    [Theory]
    [InlineData(8, 0.9)] // too sure of itself
    [InlineData(3, 0.9)] // not sure enough
    [InlineData(10, 0.99)]
    public void The_fitted_temperature_makes_probabilities_match_the_accuracy(float logit, double share)
    {
        const int images = 1000;
        var logits = new float[images * 10];
        var labels = new byte[images];
        for (int n = 0; n < images; n++)
        {
            logits[n * 10] = logit;
            labels[n] = (byte)(n < share * images ? 0 : 1 + (n % 9));
        }

        double temperature = Temperature.Fit(logits, labels);

        temperature.ShouldBe(logit / Math.Log(9 * share / (1 - share)), Precision);
        Softmax.Of(logits, temperature)[0].ShouldBe((float)share, 1e-5);
        ClassificationMetrics.Measure(Softmax.Of(logits, temperature), labels).CalibrationError.ShouldBe(0, 1e-5);
    }

    [Fact]
    public void Softmax_of_equal_logits_is_even_and_large_ones_do_not_overflow()
    {
        float[] even = Softmax.Of([2, 2, 2, 2, 2, 2, 2, 2, 2, 2], temperature: 1);
        float[] large = Softmax.Of([1e30f, -1e30f, 0, 0, 0, 0, 0, 0, 0, 0], temperature: 1);

        even.ShouldAllBe(p => Math.Abs(p - 0.1f) < 1e-7f);
        large.ShouldBe([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    [Fact]
    public void Softmax_is_taken_row_by_row_over_the_temperature()
    {
        float ln3 = MathF.Log(3);
        float[] ordinary = Softmax.Of([ln3, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. new float[10]], temperature: 1);
        float[] halved = Softmax.Of([2 * ln3, 0, 0, 0, 0, 0, 0, 0, 0, 0], temperature: 2);

        ordinary[0].ShouldBe(3f / 12, 1e-6);
        ordinary[1].ShouldBe(1f / 12, 1e-6);
        ordinary[10].ShouldBe(0.1f, 1e-6);
        halved[0].ShouldBe(3f / 12, 1e-6);
    }
}
