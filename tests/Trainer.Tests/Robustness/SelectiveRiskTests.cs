using MnistLstm.Bench.Robustness;

namespace MnistLstm.Trainer.Tests.Robustness;

public sealed class SelectiveRiskTests
{
    private static readonly float[] Certainty = [0.9f, 0.2f, 0.8f, 0.1f, 0.7f];
    private static readonly bool[] IsRight = [true, false, true, true, false];

    [Theory]
    [InlineData(0, 2 / 5.0)]
    [InlineData(0.2, 2 / 4.0)]
    [InlineData(0.4, 1 / 3.0)]
    [InlineData(0.6, 0)]
    public void The_least_certain_predictions_are_rejected_first(double refusedShare, double error) =>
        SelectiveRisk.Error(Certainty, IsRight, refusedShare).ShouldBe(error);
}
