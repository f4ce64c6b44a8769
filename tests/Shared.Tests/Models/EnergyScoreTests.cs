using MnistLstm.Shared.Models;

namespace MnistLstm.Shared.Tests.Models;

/// <summary>ln Σ exp(logit), by hand.</summary>
public sealed class EnergyScoreTests
{
    private const double Rounding = 1e-5;

    [Fact]
    public void Equal_logits_add_the_logarithm_of_their_number() =>
        ((double)EnergyScore.FromLogits([2, 2, 2, 2, 2, 2, 2, 2, 2, 2])).ShouldBe(2 + Math.Log(10), Rounding);

    [Fact]
    public void One_large_logit_is_nearly_all() =>
        ((double)EnergyScore.FromLogits([0, 0, 0, 7, 0, 0, 0, 0, 0, 0])).ShouldBe(Math.Log(Math.Exp(7) + 9), Rounding);

    [Fact]
    public void Logits_beyond_the_range_of_exp_do_no_harm()
    {
        EnergyScore.FromLogits([1000, 0, 0, 0, 0, 0, 0, 0, 0, 0]).ShouldBe(1000);
        EnergyScore.FromLogits([-1000, -1000, -1000, -1000, -1000, -1000, -1000, -1000, -1000, -1000])
            .ShouldBe(-1000 + MathF.Log(10), 1e-3);
    }
}
