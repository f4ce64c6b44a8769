using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Onnx;
using MnistLstm.Trainer.OutOfDistribution;

namespace MnistLstm.Trainer.Tests.OutOfDistribution;

public sealed class DrawnDigitsTests
{
    /// <summary>Other drawings than those of training. A network that saw none of that kind reads about 85 % of them.</summary>
    private const int Seed = 0;

    private const double LeastRight = 0.97;

    [Fact]
    public void Ones_and_sevens_come_by_turns()
    {
        DigitSet drawn = DrawnDigits.Draw(6, Seed, RandomPurpose.HeldOutDrawnDigits);

        drawn.Labels.ShouldBe([1, 7, 1, 7, 1, 7]);
        Enumerable.Range(0, 6).ShouldAllBe(n => drawn.Image(n).ToArray().Max() > 200);
        DrawnDigits.Draw(6, Seed, RandomPurpose.HeldOutDrawnDigits).Pixels.ShouldBe(drawn.Pixels);
        DrawnDigits.Draw(6, Seed + 1, RandomPurpose.HeldOutDrawnDigits).Pixels.ShouldNotBe(drawn.Pixels);
    }

    [Fact]
    public void The_default_model_tells_a_1_with_an_upstroke_from_a_7()
    {
        using DigitClassifier classifier = DigitClassifier.Load(Repository.PathOf("models", "digits.onnx"));
        DigitSet drawn = DrawnDigits.Draw(2_000, Seed, RandomPurpose.HeldOutDrawnDigits);

        SplitResult result = ClassificationMetrics.Measure(
            OnnxPredictions.Of(classifier, drawn, TestContext.Current.CancellationToken).Probabilities, drawn.Labels);

        result.Accuracy.ShouldBeGreaterThan(LeastRight);
    }
}
