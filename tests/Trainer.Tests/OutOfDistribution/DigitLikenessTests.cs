using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.OutOfDistribution;

namespace MnistLstm.Trainer.Tests.OutOfDistribution;

public sealed class DigitLikenessTests
{
    private const float Rounding = 1e-5f;

    private static readonly DigitSet Digits = BarDigits.Make(60, stream: 1);

    [Fact]
    public void A_digit_of_the_set_is_as_near_as_can_be_and_a_paler_one_too()
    {
        var likeness = new DigitLikeness(Digits);
        byte[] paler = [.. Digits.Image(7).ToArray().Select(pixel => (byte)(pixel / 3))];

        likeness.Measure(Digits.Image(7)).ShouldBe(1, Rounding);
        likeness.Measure(paler).ShouldBe(1, Rounding);
    }

    [Fact]
    public void A_digit_matches_its_own_kind_before_a_column_and_a_column_before_nothing()
    {
        var likeness = new DigitLikeness(Digits);
        byte[] column = new byte[RowSequence.Length];
        for (int y = 4; y < 24; y++)
        {
            column[(y * RowSequence.Features) + 14] = RowSequence.MaxPixel;
        }

        float ofDigit = likeness.Measure(BarDigits.Make(1, stream: 2).Image(0));
        float ofColumn = likeness.Measure(column);

        ofDigit.ShouldBeGreaterThan(ofColumn + 0.3f);
        ofColumn.ShouldBeGreaterThan(likeness.Measure(new byte[RowSequence.Length]));
    }
}
