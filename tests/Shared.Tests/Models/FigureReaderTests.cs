using System.Numerics.Tensors;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using MnistLstm.Support.HardPictures;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Models;

public sealed class FigureReaderTests : IDisposable
{
    /// <summary>The first of MNIST's training images, which no training sees.</summary>
    private const int HeldOut = 5000;

    private const int Pictures = 60;
    private const int DigitHeight = 20;
    private const int FirstSheet = 20_050;
    private const int NumberReadInAnotherWay = 5; // a 67, of which the likeliest way leaves one sign

    // Measured: 58 and 53; without the reading with a margin, 19 and 51.
    private const int TightNumbersRead = 56;
    private const int TightPhotosRead = 52;

    // Measured: 58 and 56; with upright cuts only, at most 50 of each.
    private const int TouchingPairsRead = 56;
    private const int PastedPairsRead = 54;

    // Measured: 56; if boxes keep their lines, 0.
    private const int FormsRead = 54;

    // Measured: 56; if lines are taken for level, 0.
    private const int TiltedPagesRead = 54;

    // Measured: 294 of 300; if a chain is weighed as one digit, 251.
    private const int ChainedDigitsFound = 285;

    // Measured: 46 and 57; without the search inside figures, 2 and 0.
    private const int UnderlinedNumbersRead = 43;
    private const int PanelsRead = 54;

    // Measured: 55; if only the darker ink is searched, 0.
    private const int PaleNumbersRead = 52;

    // Measured: 56; if only figures of about one height are searched, 0.
    private const int LowNumbersRead = 53;

    // Measured: 59; if strokes are not joined, 0.
    private const int OpenFoursRead = 56;

    // Measured: 57; if the line counts as a figure, 0.
    private const int MarginsRead = 54;

    private static readonly Lazy<MnistImages> Mnist = new(MnistImages.Train);

    private readonly DigitClassifier _classifier = DigitClassifier.Load(Repository.PathOf("models", "digits.onnx"));
    private readonly ClassifierBatch _batch;

    public FigureReaderTests() => _batch = _classifier.CreateBatch(32);

    [Fact]
    public void Digits_that_reach_the_edge_of_the_picture_are_read() =>
        Enumerable.Range(0, Pictures).Count(IsTightNumberRead)
            .ShouldBeGreaterThanOrEqualTo(TightNumbersRead);

    [Theory]
    [InlineData(SheetStyle.TouchingPair, TouchingPairsRead)]
    [InlineData(SheetStyle.PastedPair, PastedPairsRead)]
    public void Digits_that_touch_are_read(SheetStyle style, int least) =>
        Enumerable.Range(FirstSheet, Pictures).Count(number => IsSheetRead(style, number))
            .ShouldBeGreaterThanOrEqualTo(least);

    [Fact]
    public void Digits_that_touch_the_boxes_of_a_form_are_read() =>
        Enumerable.Range(0, Pictures).Count(IsFormRead).ShouldBeGreaterThanOrEqualTo(FormsRead);

    [Fact]
    public void Groups_of_digits_far_apart_on_tilted_lines_are_read_in_order() =>
        Enumerable.Range(0, Pictures).Count(IsTiltedPageRead).ShouldBeGreaterThanOrEqualTo(TiltedPagesRead);

    [Fact]
    public void Many_digits_that_touch_in_a_row_are_found() =>
        Enumerable.Range(0, Pictures).Sum(CountDigitsInChain).ShouldBeGreaterThanOrEqualTo(ChainedDigitsFound);

    [Fact]
    public void Digits_that_touch_their_underline_are_read() =>
        Enumerable.Range(0, Pictures).Count(IsUnderlinedNumberRead)
            .ShouldBeGreaterThanOrEqualTo(UnderlinedNumbersRead);

    [Fact]
    public void Light_digits_on_a_dark_panel_of_a_light_page_are_read() =>
        Enumerable.Range(0, Pictures).Count(IsPanelRead).ShouldBeGreaterThanOrEqualTo(PanelsRead);

    [Fact]
    public void Pale_digits_are_read_beside_darker_ones() =>
        Enumerable.Range(0, Pictures).Count(IsPaleNumberRead).ShouldBeGreaterThanOrEqualTo(PaleNumbersRead);

    [Fact]
    public void A_4_of_two_strokes_that_do_not_touch_is_read() =>
        Enumerable.Range(0, Pictures).Count(IsOpenFourRead).ShouldBeGreaterThanOrEqualTo(OpenFoursRead);

    [Fact]
    public void Low_digits_are_read_beside_higher_ones() =>
        Enumerable.Range(0, Pictures).Count(IsLowNumberRead).ShouldBeGreaterThanOrEqualTo(LowNumbersRead);

    /// <summary>Above a high bar, low ones; the evidence of the last low one varies.</summary>
    [Theory]
    [InlineData("1", 5, "1")]
    [InlineData("11", 5, "1 1 1")]
    [InlineData("11", -5, "1")]
    [InlineData("111", -5, "1 1 1 ?")]
    public void Low_figures_matter_only_in_numbers(string bars, float nats, string text)
    {
        using GrayImage low = DrawBars(bars);
        using var page = new GrayImage(low.Width, 6 * low.Height);
        page.Pixels.Fill(byte.MaxValue);
        low.Pixels.CopyTo(page.Pixels[..low.Pixels.Length]);
        for (int y = 2 * low.Height; y < page.Height - DigitHeight; y++)
        {
            page.Row(y)[DigitHeight..(DigitHeight + 10)].Clear();
        }

        var reader = new FigureReader(_classifier.Card, maxDigits: 1000);
        reader.Propose(page);
        float[] evidence =
        [
            .. reader.Candidates.Select((_, n) =>
                (float)_classifier.Card.IsDigitThreshold + (n > 0 && n == reader.Candidates.Count - 1 ? nats : 5)),
        ];

        reader.Choose(evidence).ShouldBeTrue();
        string.Join(' ', reader.Digits.OrderBy(digit => digit.Candidate).Select(digit => digit.IsDigit ? '1' : '?'))
            .ShouldBe(text);
    }

    /// <summary>Two high bars, then two low ones, as of a unit; the evidence of the low ones varies.</summary>
    [Theory]
    [InlineData(5, "1 1 1 1")]
    [InlineData(-5, "1 1")]
    public void Low_letters_after_a_number_leave_it_a_number(float nats, string text)
    {
        const int High = 4 * DigitHeight;
        using var page = new GrayImage(High + (2 * DigitHeight), High + (2 * DigitHeight));
        page.Pixels.Fill(byte.MaxValue);
        for (int y = DigitHeight; y < DigitHeight + High; y++)
        {
            page.Row(y)[30..40].Clear();
            page.Row(y)[50..60].Clear();
            page.Row(y)[80..(y < High ? 80 : 86)].Clear();
            page.Row(y)[92..(y < High ? 92 : 98)].Clear();
        }

        var reader = new FigureReader(_classifier.Card, maxDigits: 1000);
        reader.Propose(page);
        float[] evidence =
        [
            .. reader.Candidates.Select(candidate =>
                (float)_classifier.Card.IsDigitThreshold + (candidate.Kind == FigureKind.Lower ? nats : 5)),
        ];

        reader.Candidates.Count.ShouldBe(4);
        reader.Choose(evidence).ShouldBeTrue();
        string.Join(' ', reader.Digits.Select(digit => digit.IsDigit ? '1' : '?')).ShouldBe(text);
    }

    /// <summary>Above a dark bar, two pale ones; the evidence of the pale ones varies.</summary>
    [Theory]
    [InlineData(5, "1 1 1", 2)]
    [InlineData(-5, "1", 1)]
    public void Pale_figures_matter_only_if_they_are_digits(float nats, string text, int lines)
    {
        using GrayImage dark = DrawBars("1   ");
        using GrayImage pale = DrawBars("1  1");
        using var page = new GrayImage(dark.Width, 2 * dark.Height);
        for (int i = 0; i < pale.Pixels.Length; i++)
        {
            page.Pixels[i] = (byte)(byte.MaxValue - ((byte.MaxValue - pale.Pixels[i]) / 3));
        }

        dark.Pixels.CopyTo(page.Pixels[pale.Pixels.Length..]);
        var reader = new FigureReader(_classifier.Card, maxDigits: 1000);
        reader.Propose(page);
        reader.Candidates.Count.ShouldBe(3);
        float[] evidence =
        [
            .. reader.Candidates.Select(candidate =>
                (float)_classifier.Card.IsDigitThreshold + (candidate.Kind == FigureKind.Paler ? nats : 5)),
        ];

        reader.Choose(evidence).ShouldBeTrue();
        string.Join(' ', reader.Digits.Select(digit => digit.IsDigit ? '1' : '?')).ShouldBe(text);
        reader.Digits.Max(digit => digit.Line).ShouldBe(lines - 1);
    }

    [Fact]
    public void The_line_of_a_margin_is_no_digit() =>
        Enumerable.Range(0, Pictures).Count(IsPageWithMarginRead).ShouldBeGreaterThanOrEqualTo(MarginsRead);

    [Fact]
    public void Photos_that_are_cut_tightly_around_the_digits_are_read() =>
        Enumerable.Range(0, Pictures).Count(IsTightPhotoRead)
            .ShouldBeGreaterThanOrEqualTo(TightPhotosRead);

    [Fact]
    public void A_number_is_read_in_other_ways_where_the_likeliest_leaves_doubt() =>
        IsTightPhotoRead(NumberReadInAnotherWay).ShouldBeTrue();

    /// <summary>If the likeliest reading has no figure, the others are the last ones.</summary>
    [Fact]
    public void A_doubtful_figure_of_another_reading_is_not_lost()
    {
        const int Side = 60;
        using var softDisc = new GrayImage(Side, Side);
        for (int i = 0; i < softDisc.Pixels.Length; i++)
        {
            double radius = double.Hypot((i % Side) - (Side / 2), (i / Side) - (Side / 2));
            softDisc.Pixels[i] = (byte)(120 - (20 / (1 + Math.Exp((radius - 27) / 3))));
        }

        var reader = new FigureReader(_classifier.Card, maxDigits: 1000);
        reader.Propose(softDisc);
        float[] doubtful = [.. reader.Candidates.Select(_ => (float)_classifier.Card.IsDigitThreshold - 1)];

        reader.Choose(doubtful).ShouldBeTrue();
        reader.Digits.ShouldHaveSingleItem().IsDigit.ShouldBeFalse();
    }

    [Fact]
    public void A_canceled_search_ends()
    {
        using GrayImage picture = DrawBars("11");
        var reader = new FigureReader(_classifier.Card, maxDigits: 1000);

        Should.Throw<OperationCanceledException>(() => reader.Propose(picture, new CancellationToken(canceled: true)));

        reader.Propose(picture);
        reader.Choose([.. reader.Candidates.Select(_ => -100f)]).ShouldBeFalse();
        Should.Throw<OperationCanceledException>(() => reader.Propose(picture, new CancellationToken(canceled: true)));
    }

    /// <summary>An x is a figure without evidence; a space parts two words.</summary>
    [Theory]
    [InlineData("1111", "1111")]
    [InlineData("x111", "?111")]
    [InlineData("xx111", "??111")]
    [InlineData("xx11", "????")]
    [InlineData("x1", "?1")]
    [InlineData("xxx1 111", "????111")]
    [InlineData("x1 x1", "?1?1")]
    public void In_a_word_of_letters_no_figure_is_a_digit(string figures, string text)
    {
        using GrayImage picture = DrawBars(figures);
        var reader = new FigureReader(_classifier.Card, maxDigits: 1000);
        reader.Propose(picture);
        float[] evidence =
        [
            .. figures.Where(figure => figure != ' ')
                .Select(figure => (float)_classifier.Card.IsDigitThreshold + (figure == 'x' ? -5 : 5)),
        ];
        reader.Choose(evidence);

        string.Concat(reader.Digits.Select(digit => digit.IsDigit ? '1' : '?')).ShouldBe(text);
    }

    public void Dispose()
    {
        _batch.Dispose();
        _classifier.Dispose();
    }

    /// <summary>Two to five digits of the same height in a strip of that height.</summary>
    private bool IsTightNumberRead(int seed)
    {
        const int Gap = 4;
        var random = new Random(seed);
        int[] digits = [.. Enumerable.Range(0, random.Next(2, 6)).Select(_ => random.Next(HeldOut))];
        GrayImage[] cut = [.. digits.Select(digit => CutOut(Mnist.Value.Pixels(digit)))];
        using var strip = new GrayImage(cut.Sum(digit => digit.Width) + (Gap * (cut.Length - 1)), DigitHeight);
        strip.Pixels.Clear();
        int left = 0;
        foreach (GrayImage digit in cut)
        {
            Paste(digit, strip, left, top: 0);
            left += digit.Width + Gap;
            digit.Dispose();
        }

        if (random.Next(2) == 0)
        {
            PixelStatistics.Invert(strip.Pixels);
        }

        return Read(strip) == string.Concat(digits.Select(digit => Mnist.Value.Label(digit)));
    }

    /// <summary>Four digits in boxes side by side; one of them touches its box.</summary>
    private bool IsFormRead(int seed)
    {
        const int Boxes = 4;
        const int Width = 34;
        const int Height = 32;
        const int Margin = 10;
        var random = new Random(seed);
        int[] digits = [.. Enumerable.Range(0, Boxes).Select(_ => random.Next(HeldOut))];
        int touching = random.Next(Boxes);
        using var form = new GrayImage((2 * Margin) + (Boxes * Width), (2 * Margin) + Height);
        form.Pixels.Clear();
        for (int n = 0; n < Boxes; n++)
        {
            int left = Margin + (n * Width);
            DrawBox(form, new Region(left, Margin, left + Width + 1, Margin + Height));
            using GrayImage digit = CutOut(Mnist.Value.Pixels(digits[n]));
            int room = Width - digit.Width;
            Paste(digit, form, left + (n == touching ? room + 1 : room / 2), Margin + ((Height - DigitHeight) / 2));
        }

        PixelStatistics.Invert(form.Pixels);
        return Read(form) == string.Concat(digits.Select(digit => Mnist.Value.Label(digit)));
    }

    /// <summary>Two lines of two groups of three digits, which fall by a sixth.</summary>
    private bool IsTiltedPageRead(int seed)
    {
        const int LineHeight = 34;
        var random = new Random(seed);
        using var page = new GrayImage(330, 140);
        page.Pixels.Clear();
        string text = "";
        for (int line = 0; line < 2; line++)
        {
            foreach (int left in new[] { 10, 36, 62, 230, 256, 282 })
            {
                int digit = random.Next(HeldOut);
                using GrayImage cut = CutOut(Mnist.Value.Pixels(digit));
                Paste(cut, page, left, 10 + (line * LineHeight) + (left / 6));
                text += Mnist.Value.Label(digit);
            }
        }

        return Read(page) == text;
    }

    /// <summary>Five digits, each of which reaches two pixels into the one before.</summary>
    private int CountDigitsInChain(int seed)
    {
        using GrayImage page = DrawNumber(seed, out _, digits: 5, gap: -2);
        return Read(page).Count(char.IsAsciiDigit);
    }

    /// <summary>Four digits, enlarged, on a thin line that all reach.</summary>
    private bool IsUnderlinedNumberRead(int seed)
    {
        const int Times = 3;
        using GrayImage small = DrawNumber(seed, out string text);
        using GrayImage number = Scaling.To(small, Times * small.Width, Times * small.Height);
        for (int y = -1; y < 2; y++)
        {
            number.Row((Times * 2 * DigitHeight) + y)[10..^10].Fill(byte.MaxValue);
        }

        return Read(number) == text;
    }

    /// <summary>Four light digits on a dark panel, below a heading of a few bars.</summary>
    private bool IsPanelRead(int seed)
    {
        const int Border = 30;
        using GrayImage panel = DrawNumber(seed, out string text);
        using var page = new GrayImage(panel.Width + (2 * Border), panel.Height + (2 * Border));
        page.Pixels.Fill(byte.MaxValue);
        for (int y = 10; y < 20; y++)
        {
            page.Row(y)[Border..(Border + 15)].Clear();
            page.Row(y)[(Border + 20)..(Border + 40)].Clear();
        }

        for (int y = 0; y < panel.Height; y++)
        {
            panel.Row(y).CopyTo(page.Row(Border + y)[Border..]);
        }

        return Read(page).Replace("?", "", StringComparison.Ordinal) == text;
    }

    /// <summary>Two lines of four digits beside an upright line.</summary>
    private bool IsPageWithMarginRead(int seed)
    {
        using GrayImage page = DrawTwoNumbers(seed, second: 1, out string text);
        for (int y = 0; y < page.Height; y++)
        {
            page.Row(y)[6..8].Fill(byte.MaxValue);
        }

        return Read(page) == text;
    }

    /// <summary>Three digits before a 4 that is an angle and a bar.</summary>
    private bool IsOpenFourRead(int seed)
    {
        using GrayImage page = DrawNumber(seed, out string text, digits: 3);
        int left = page.Width - DigitHeight;
        for (int y = 0; y < DigitHeight; y++)
        {
            Span<byte> row = page.Row(DigitHeight + y)[left..];
            row[..(y < 13 ? 2 : 0)].Fill(byte.MaxValue);
            row[..(y is 12 or 13 ? 9 : 0)].Fill(byte.MaxValue);
            row[11..(y > 3 ? 13 : 11)].Fill(byte.MaxValue);
        }

        return Read(page) == text + "4";
    }

    /// <summary>Two lines of four digits; the second is 2/5 as high.</summary>
    private bool IsLowNumberRead(int seed)
    {
        using GrayImage low = DrawNumber(seed, out string second);
        using GrayImage above = DrawNumber(Pictures + seed, out string first);
        using GrayImage high = Scaling.To(above, above.Width * 5 / 2, above.Height * 5 / 2);
        using var page = new GrayImage(high.Width, high.Height + low.Height);
        page.Pixels.Clear();
        high.Pixels.CopyTo(page.Pixels);
        Paste(low, page, 0, high.Height);
        return Read(page) == first + second;
    }

    /// <summary>Two lines of four digits; the second has 2/5 of the contrast.</summary>
    private bool IsPaleNumberRead(int seed)
    {
        using GrayImage page = DrawTwoNumbers(seed, second: 0.4, out string text);
        return Read(page) == text;
    }

    /// <summary>Two lines of four light digits.</summary>
    /// <param name="second">Contrast of the second line, as a share of that of the first.</param>
    private static GrayImage DrawTwoNumbers(int seed, double second, out string text)
    {
        using GrayImage above = DrawNumber(seed, out string first);
        using GrayImage below = DrawNumber(Pictures + seed, out string last);
        var page = new GrayImage(above.Width, 2 * above.Height);
        above.Pixels.CopyTo(page.Pixels);
        for (int i = 0; i < below.Pixels.Length; i++)
        {
            page.Pixels[above.Pixels.Length + i] = (byte)(second * below.Pixels[i]);
        }

        text = first + last;
        return page;
    }

    /// <summary>Light digits side by side, with a margin.</summary>
    private static GrayImage DrawNumber(int seed, out string text, int digits = 4, int gap = 6)
    {
        var random = new Random(seed);
        var page = new GrayImage(digits * 2 * DigitHeight, 3 * DigitHeight);
        page.Pixels.Clear();
        text = "";
        int left = DigitHeight;
        for (int n = 0; n < digits; n++)
        {
            int digit = random.Next(HeldOut);
            using GrayImage cut = CutOut(Mnist.Value.Pixels(digit));
            Paste(cut, page, left, DigitHeight);
            left += cut.Width + gap;
            text += Mnist.Value.Label(digit);
        }

        return page;
    }

    /// <summary>An upright bar for each character that is no space.</summary>
    private static GrayImage DrawBars(string characters)
    {
        const int Step = 12;
        const int Margin = 20;
        const int Width = 6;
        var picture = new GrayImage((2 * Margin) + (Step * characters.Length), (2 * Margin) + DigitHeight);
        picture.Pixels.Fill(byte.MaxValue);
        for (int y = Margin; y < Margin + DigitHeight; y++)
        {
            for (int n = 0; n < characters.Length; n++)
            {
                picture.Row(y).Slice(Margin + (n * Step), characters[n] == ' ' ? 0 : Width).Clear();
            }
        }

        return picture;
    }

    /// <summary>A line of one pixel around a region.</summary>
    private static void DrawBox(GrayImage image, in Region box)
    {
        for (int y = box.Top; y < box.Bottom; y++)
        {
            bool isLine = y == box.Top || y == box.Bottom - 1;
            Span<byte> row = image.Row(y)[box.Left..box.Right];
            (isLine ? row : row[..1]).Fill(byte.MaxValue);
            row[^1] = byte.MaxValue;
        }
    }

    private static void Paste(GrayImage digit, GrayImage page, int left, int top)
    {
        for (int y = 0; y < digit.Height; y++)
        {
            Span<byte> target = page.Row(top + y).Slice(left, digit.Width);
            TensorPrimitives.Max<byte>(target, digit.Row(y), target);
        }
    }

    /// <summary>A digit without its margin, scaled to the same height as the others.</summary>
    private static GrayImage CutOut(ReadOnlySpan<byte> pixels)
    {
        using var image = new GrayImage(28, 28);
        pixels.CopyTo(image.Pixels);
        Region box = Moments.Of(image).Box;
        using GrayImage digit = image.Part(box.Left, box.Top, box.Right, box.Bottom);
        return Scaling.To(digit, Math.Max(1, digit.Width * DigitHeight / digit.Height), DigitHeight);
    }

    private bool IsSheetRead(SheetStyle style, int number)
    {
        var sheet = Sheet.Make(Mnist.Value, style, number);
        using GrayImage picture = Normalization.Reader.Decode(sheet.File);
        return Read(picture) == sheet.Text;
    }

    private bool IsTightPhotoRead(int number)
    {
        var sheet = Sheet.Make(Mnist.Value, SheetStyle.Chalk, FirstSheet + number);
        using GrayImage photo = Normalization.Reader.Decode(sheet.File);
        using SKBitmap original = SKBitmap.Decode(sheet.File);
        float scale = (float)photo.Width / original.Width; // large JPEGs are decoded smaller
        using GrayImage cut = photo.Part(
            (int)(scale * sheet.Digits.Min(digit => digit.Box.Left)),
            (int)(scale * sheet.Digits.Min(digit => digit.Box.Top)),
            Math.Min((int)Math.Ceiling(scale * sheet.Digits.Max(digit => digit.Box.Right)), photo.Width),
            Math.Min((int)Math.Ceiling(scale * sheet.Digits.Max(digit => digit.Box.Bottom)), photo.Height));
        return Read(cut) == sheet.Text;
    }

    private string Read(GrayImage picture) =>
        string.Concat(FigureReader.Read(picture, _batch, _classifier.Card).Select(digit => digit.Character));
}
