using MnistLstm.Support.HardPictures;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>The made sheets say rightly what is on them.</summary>
public sealed class SheetTests
{
    private static readonly Lazy<MnistImages> Mnist = new(MnistImages.Train);

    public static TheoryData<SheetStyle> Styles => [.. Enum.GetValues<SheetStyle>()];

    [Theory]
    [MemberData(nameof(Styles))]
    public void Each_digit_has_ink_in_its_box_up_to_all_four_sides(SheetStyle style)
    {
        // The paper's grain and light are in the box too.
        const int LeastContrast = 20;
        var sheet = Sheet.Make(Mnist.Value, style, number: 7);
        using SKBitmap picture = SKBitmap.Decode(sheet.File);

        foreach (SheetDigit digit in sheet.Digits)
        {
            (int left, int top) = ((int)Math.Floor(digit.Box.Left), (int)Math.Floor(digit.Box.Top));
            (int right, int bottom) = ((int)Math.Ceiling(digit.Box.Right), (int)Math.Ceiling(digit.Box.Bottom));
            left.ShouldBeGreaterThanOrEqualTo(0);
            top.ShouldBeGreaterThanOrEqualTo(0);
            right.ShouldBeLessThanOrEqualTo(picture.Width);
            bottom.ShouldBeLessThanOrEqualTo(picture.Height);
            Range(picture, left, top, right, bottom).ShouldBeGreaterThan(LeastContrast);
            Range(picture, left, top, left + Third(right - left), bottom).ShouldBeGreaterThan(LeastContrast);
            Range(picture, right - Third(right - left), top, right, bottom).ShouldBeGreaterThan(LeastContrast);
            Range(picture, left, top, right, top + Third(bottom - top)).ShouldBeGreaterThan(LeastContrast);
            Range(picture, left, bottom - Third(bottom - top), right, bottom).ShouldBeGreaterThan(LeastContrast);
        }
    }

    [Fact]
    public void The_text_has_a_line_for_each_line_of_digits()
    {
        var sheet = Sheet.Make(Mnist.Value, SheetStyle.Lines, number: 1);

        string[] lines = sheet.Text.Split('\n');

        lines.Length.ShouldBe(sheet.Digits.Max(digit => digit.Line) + 1);
        string.Concat(lines).ShouldBe(string.Concat(sheet.Digits.Select(digit => digit.Label)));
    }

    [Fact]
    public void The_same_number_makes_the_same_sheet()
    {
        byte[] file = Sheet.Make(Mnist.Value, SheetStyle.Tilted, number: 4).File;

        Sheet.Make(Mnist.Value, SheetStyle.Tilted, number: 4).File.ShouldBe(file);
        Sheet.Make(Mnist.Value, SheetStyle.Tilted, number: 5).File.ShouldNotBe(file);
    }

    private static int Third(int length) => Math.Max(length / 3, 1);

    private static int Range(SKBitmap picture, int left, int top, int right, int bottom)
    {
        (byte darkest, byte lightest) = (byte.MaxValue, byte.MinValue);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                byte level = picture.GetPixel(x, y).Green;
                (darkest, lightest) = (Math.Min(darkest, level), Math.Max(lightest, level));
            }
        }

        return lightest - darkest;
    }
}
