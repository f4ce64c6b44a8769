using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Tests.Normalization;

public sealed class PaperLinesTests
{
    private const int Side = 200;
    private const byte Table = 150;
    private const byte Shade = 10;
    private const byte Ink = 140;

    /// <summary>The paper is a little darker towards a table, so that paths from side to side run through the ink as well.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void A_table_is_removed_to_its_edge_and_no_stroke_above_it(int slant)
    {
        using GrayImage contrast = Paper();
        Fill(contrast, 70, Side, 0, Side, Shade);
        Fill(contrast, 80, 145, 80, 100, Ink);
        for (int x = 0; x < Side; x++)
        {
            Fill(contrast, 165 + (x * slant / Side), Side, x, x + 1, Table);
        }

        PaperLines.Remove(contrast);

        contrast.Row(100)[90].ShouldBe(Ink);
        contrast.Row(144)[90].ShouldBe(Ink);
        contrast.Row(190)[50].ShouldBe((byte)0);
    }

    [Fact]
    public void A_pale_line_goes_and_the_stroke_across_it_stays()
    {
        using GrayImage contrast = Paper();
        Fill(contrast, 98, 102, 0, Side, 60);
        Fill(contrast, 60, 140, 80, 90, Ink);

        PaperLines.Remove(contrast);

        contrast.Row(100)[20].ShouldBe((byte)0);
        contrast.Row(100)[85].ShouldBe(Ink);
    }

    [Fact]
    public void Lines_as_dark_as_ink_go_and_the_strokes_across_them_stay()
    {
        using GrayImage contrast = Paper();
        Fill(contrast, 60, 140, 80, 90, Ink);
        Fill(contrast, 98, 101, 0, Side, Ink);
        Fill(contrast, 160, 163, 0, Side, Ink);
        Fill(contrast, 0, Side, 50, 53, Ink);

        PaperLines.Remove(contrast);

        contrast.Row(99)[20].ShouldBe((byte)0);
        contrast.Row(161)[20].ShouldBe((byte)0);
        contrast.Row(20)[51].ShouldBe((byte)0);
        contrast.Row(99)[51].ShouldBe((byte)0);
        contrast.Row(99)[85].ShouldBe(Ink);
        contrast.Row(130)[85].ShouldBe(Ink);
    }

    [Fact]
    public void A_single_stroke_from_side_to_side_is_no_line()
    {
        using GrayImage contrast = Paper();
        Fill(contrast, 0, Side, 98, 101, Ink);

        PaperLines.Remove(contrast);

        contrast.Row(99)[99].ShouldBe(Ink);
    }

    [Fact]
    public void Strokes_too_broad_for_lines_stay_though_there_are_two()
    {
        using GrayImage contrast = Paper();
        Fill(contrast, 0, Side, 40, 52, Ink);
        Fill(contrast, 0, Side, 120, 132, Ink);

        PaperLines.Remove(contrast);

        contrast.Row(99)[45].ShouldBe(Ink);
        contrast.Row(99)[125].ShouldBe(Ink);
    }

    /// <summary>Blurred paper has grain that goes on from a stroke to the border.</summary>
    [Fact]
    public void A_stroke_that_grain_continues_is_no_line()
    {
        using GrayImage contrast = Paper();
        Fill(contrast, 0, Side, 94, 106, 7);
        Fill(contrast, 40, 160, 94, 106, 90);
        Fill(contrast, 40, 52, 60, 106, Ink);

        PaperLines.Remove(contrast);

        contrast.Row(100)[100].ShouldBe((byte)90);
        contrast.Row(45)[70].ShouldBe(Ink);
    }

    private static GrayImage Paper()
    {
        var contrast = new GrayImage(Side, Side);
        contrast.Pixels.Clear();
        return contrast;
    }

    private static void Fill(GrayImage image, int top, int bottom, int left, int right, byte level)
    {
        for (int y = top; y < bottom; y++)
        {
            image.Row(y)[left..right].Fill(level);
        }
    }
}
