using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>A stroke in uneven light and among other things, as the normalizer proposes it.</summary>
public sealed class UnevenLightTests
{
    private const int Width = 240;
    private const int Height = 200;
    private const int InkX = 120;

    // Levels of 255 by which the ends of a stroke may differ: what is left of uneven light.
    private const int LeftOfLight = 12;

    [Theory]
    [InlineData(0.6f)]
    [InlineData(0.35f)]
    public void A_gradient_of_light_counts_as_paper_up_to_the_borders(float darkest)
    {
        using GrayImage photo = Photo((x, y) => 230 * (1 - ((1 - darkest) * (x + y) / (Width + Height))));

        IsStrokeAlone(DigitNormalizer.Propose(photo).First().Pixels).ShouldBeTrue();
    }

    [Fact]
    public void Ink_is_as_dark_in_shadow_as_in_light()
    {
        using GrayImage photo = Photo((x, y) => (y < 100 ? 220 : 110) * (1 - (0.2f * x / Width)));

        byte[] digit = DigitNormalizer.Propose(photo).First().Pixels;

        IsStrokeAlone(digit).ShouldBeTrue();
        int inLight = Darkest(digit, row: 7);
        int inShadow = Darkest(digit, row: 21);
        Math.Abs(inShadow - inLight).ShouldBeLessThanOrEqualTo(LeftOfLight);
    }

    [Theory]
    [InlineData(170)]
    [InlineData(100)]
    public void Printed_lines_are_removed_and_the_stroke_that_crosses_them_stays(int line)
    {
        using GrayImage photo = Photo((x, y) => (y % 32 is 10 or 11 ? line : 220) * (1 - (0.3f * x / Width)));

        DigitNormalizer.Propose(photo).ShouldContain(candidate => IsStrokeAlone(candidate.Pixels));
    }

    [Fact]
    public void The_table_at_a_side_ends_where_it_is_not_a_longer_connected()
    {
        using GrayImage photo = Photo((x, y) => y >= 185 + (x / 60) ? 60 : 220 * (1 - (0.3f * x / Width)));

        IsStrokeAlone(DigitNormalizer.Propose(photo).First().Pixels).ShouldBeTrue();
    }

    /// <summary>20 pixels high and a few wide.</summary>
    private static bool IsStrokeAlone(byte[] digit)
    {
        int columns = Enumerable.Range(0, 28).Count(x => Enumerable.Range(0, 28).Any(y => digit[(y * 28) + x] > 60));
        int rows = Enumerable.Range(0, 28).Count(y => Enumerable.Range(0, 28).Any(x => digit[(y * 28) + x] > 60));
        return rows is 19 or 20 && columns < 7;
    }

    [Theory]
    [InlineData(0.2, true)]
    [InlineData(2.0, false)]
    public void A_second_figure_is_noticed_beside_the_digit_but_not_within_it(double gap, bool isAlone)
    {
        byte[] canvas = new byte[400 * 200];
        canvas.AsSpan().Fill(255);
        Bar(60);
        Bar(60 + (int)(gap * 80));

        using GrayImage image = new(400, 200);
        canvas.CopyTo(image.Pixels);
        DigitNormalizer.Propose(image).First().IsAlone.ShouldBe(isAlone);

        void Bar(int left)
        {
            for (int y = 60; y < 140; y++)
            {
                canvas.AsSpan((y * 400) + left, 8).Clear();
            }
        }
    }

    private static int Darkest(byte[] digit, int row) => digit.AsSpan(row * 28, 28).ToArray().Max();

    /// <summary>An upright stroke of dark ink on what the function says of the paper.</summary>
    private static GrayImage Photo(Func<int, int, float> paper)
    {
        var photo = new GrayImage(Width, Height);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                bool isInk = x is >= InkX - 3 and <= InkX + 3 && y is >= 40 and < 160;
                photo.Row(y)[x] = (byte)(paper(x, y) * (isInk ? 0.45f : 1));
            }
        }

        return photo;
    }
}
