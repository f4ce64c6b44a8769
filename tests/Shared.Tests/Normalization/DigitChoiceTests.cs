using MnistLstm.Shared.Normalization;

namespace MnistLstm.Shared.Tests.Normalization;

public sealed class DigitChoiceTests
{
    private const int Side = 200;

    private static readonly InkPart Stroke = new(Left: 80, Top: 50, Right: 120, Bottom: 150, Area: 1_000, Mass: 100_000, Peak: 150, EdgeContact: 0);

    [Theory]
    [InlineData(100, true)]
    [InlineData(50, false)]
    public void A_part_belongs_to_the_digit_where_the_photo_shows_its_outline(int seenSteps, bool isPart)
    {
        InkPart beside = Beside(seenSteps);
        bool[] chosen = new bool[2];

        DigitChoice choice = DigitChoice.Choose([Stroke, beside], peak: 100, Side, Side, isTight: false, chosen).ShouldNotBeNull();

        chosen.ShouldBe([true, isPart]);
        choice.Digit.Right.ShouldBe(isPart ? beside.Right : Stroke.Right);
    }

    [Fact]
    public void What_is_left_out_for_want_of_an_outline_speaks_against_the_polarity()
    {
        DigitChoice choice = DigitChoice.Choose([Stroke, Beside(seenSteps: 20)], peak: 100, Side, Side, isTight: false, new bool[2]).ShouldNotBeNull();

        choice.OutlineSupport.ShouldBeLessThan(1);
        choice.Digit.OutlineSupport.ShouldBe(1);
    }

    /// <summary>The base of a 2 that breaks off is no wider than the rest, or nearer to it.</summary>
    [Theory]
    [InlineData(70, 130, 160, false)]
    [InlineData(82, 118, 160, true)]
    [InlineData(70, 130, 152, true)]
    public void A_line_below_the_digit_and_wider_is_no_part_of_it_and_no_figure(int left, int right, int top, bool isPart)
    {
        var line = new InkPart(left, top, right, top + 4, Area: 4 * (right - left), Mass: 400 * (right - left), Peak: 150, EdgeContact: 0);
        bool[] chosen = new bool[2];

        DigitChoice choice = DigitChoice.Choose([Stroke, line], peak: 100, Side, Side, isTight: false, chosen).ShouldNotBeNull();

        chosen.ShouldBe([true, isPart]);
        choice.SecondFigure.ShouldBe(0);
    }

    /// <summary>A part that is near and dark enough to be the flag of a 5.</summary>
    /// <param name="seenSteps">Of 100 of its contrast's steps, those that the photo has.</param>
    private static InkPart Beside(int seenSteps) =>
        new(Left: 125, Top: 50, Right: 160, Bottom: 60, Area: 300, Mass: 30_000, Peak: 150, EdgeContact: 0) { OutlineSteps = 100, SeenSteps = seenSteps };
}
