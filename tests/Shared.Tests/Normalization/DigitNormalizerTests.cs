using FsCheck.Xunit;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Normalization;

public sealed class DigitNormalizerTests
{
    private const int Side = 28;
    private const int Length = Side * Side;

    // Mean difference of two 28x28 images, in levels of 255. Two different MNIST digits are about 45 apart.
    private const double SameToRounding = 1;
    private const double SameDigit = 32;

    /// <summary>Half of what is lost where a digit of 20 pixels is read at 10.</summary>
    private const double NearlyTheSamePixels = 9;

    // In pixels of 20: strokes that are widened to what MNIST has widen the shorter side too.
    private const double AspectTolerance = 3;

    private static readonly Lazy<MnistImages> Train = new(MnistImages.Train);
    private static readonly Lazy<Reader> Judge = new(() => new Reader());

    private static readonly string[] TestsWithoutMnist =
    [
        nameof(A_blank_picture_has_no_ink), nameof(A_bar_keeps_its_ink), nameof(A_rectangular_0_is_not_a_box),
        nameof(The_aspect_is_kept),
    ];

    /// <summary>Skips the other tests where there is no MNIST; inside a property that would be a failure.</summary>
    public DigitNormalizerTests()
    {
        if (!TestsWithoutMnist.Contains(TestContext.Current.TestMethod?.MethodName))
        {
            _ = Train.Value;
        }
    }

    [Fact]
    public void Every_MNIST_image_passes_through_unchanged()
    {
        byte[] digit = new byte[Length];
        foreach (MnistImages images in new[] { Train.Value, MnistImages.Test() })
        {
            for (int i = 0; i < images.Count; i++)
            {
                DigitCandidate? result = Normalize(images.Pixels(i), Side, Side, digit);

                (result is { PassedThrough: true } && digit.AsSpan().SequenceEqual(images.Pixels(i)))
                    .ShouldBeTrue($"image {i} of {images.Count}");
            }
        }
    }

    [Fact]
    public void An_inverted_MNIST_image_is_normalized()
    {
        byte[] digit = new byte[Length];
        for (int i = 0; i < 200; i++)
        {
            byte[] inverted = [.. Train.Value.Pixels(i).ToArray().Select(pixel => (byte)(255 - pixel))];

            DigitCandidate? result = Normalize(inverted, Side, Side, digit);

            result.ShouldNotBeNull().PassedThrough.ShouldBeFalse();
            MeanDifference(digit, Train.Value.Pixels(i)).ShouldBeLessThan(SameDigit, $"image {i}");
        }
    }

    [Theory]
    [InlineData(-3, 2)]
    [InlineData(4, 4)]
    [InlineData(0, -4)]
    public void A_28x28_image_with_an_off_center_digit_is_normalized(int right, int down)
    {
        byte[] digit = new byte[Length];
        byte[] moved = Pictures.Canvas(
            Train.Value.Pixels(0), Side, Side, SKRect.Create(right, down, Side, Side), paper: 0, ink: 255);

        DigitCandidate? result = Normalize(moved, Side, Side, digit);

        result.ShouldNotBeNull().PassedThrough.ShouldBeFalse();
        MeanDifference(digit, Train.Value.Pixels(0)).ShouldBeLessThan(SameDigit);
    }

    [Property(MaxTest = 60)]
    public void The_digit_is_the_same_in_either_polarity(uint index, byte levels)
    {
        byte paper = (byte)(160 + (levels % 96));
        byte ink = (byte)(levels % 90);
        byte[] dark = Picture(index, scale: 5, paper, ink);
        byte[] light = [.. dark.Select(pixel => (byte)(255 - pixel))];

        MeanDifference(Normalize(dark, 200, 200), Normalize(light, 200, 200)).ShouldBeLessThan(SameToRounding);
    }

    [Property(MaxTest = 60)]
    public void The_digit_is_the_same_at_any_position(uint index, byte right, byte down)
    {
        // Drawn once and copied: the edges that Skia draws differ by a level with the place.
        byte[] middle = Pictures.Canvas(Mnist(index), 400, 300, SKRect.Create(100, 80, 140, 140));
        byte[] elsewhere = new byte[middle.Length];
        elsewhere.AsSpan().Fill(byte.MaxValue);
        for (int y = 0; y < 140; y++)
        {
            middle.AsSpan(((y + 80) * 400) + 100, 140).CopyTo(elsewhere.AsSpan(((y + (down % 160)) * 400) + right));
        }

        MeanDifference(Normalize(middle, 400, 300), Normalize(elsewhere, 400, 300)).ShouldBeLessThan(SameToRounding);
    }

    [Property(MaxTest = 60)]
    public void The_digit_has_MNIST_s_size_whatever_its_original_size(uint index, byte size)
    {
        int side = 24 + (size * 2);
        byte[] picture = Pictures.Canvas(Mnist(index), 600, 600, SKRect.Create(20, 20, side, side));

        MeanDifference(Normalize(picture, 600, 600), Mnist(index)).ShouldBeLessThan(SameDigit);
    }

    [Theory]
    [InlineData(8, 10)]
    [InlineData(12, 3)]
    [InlineData(16, 1)]
    [InlineData(20, 1)]
    public void A_tiny_picture_that_ends_where_its_digit_ends_is_read(int side, int mostMissed)
    {
        const int Digits = 200;
        int read = Enumerable.Range(0, Digits).Count(n =>
        {
            using GrayImage picture = CutOut(Train.Value.Pixels(n), side);
            Region box = Judge.Value.Judge(DigitNormalizer.Propose(picture)).ShouldNotBeNull().Candidate.Box;
            new Region(0, 0, side, side).Encloses(box).ShouldBeTrue();
            box.LongSide.ShouldBeGreaterThanOrEqualTo(side / 2);
            return Judge.Value.Read(picture) == (Train.Value.Label(n), IsDigit: true);
        });

        read.ShouldBeGreaterThanOrEqualTo(Digits - mostMissed);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(28)]
    [InlineData(60)]
    public void A_bar_keeps_its_ink(int side)
    {
        for (int length = 3; length <= side / 2; length++)
        {
            byte[] picture = new byte[side * side];
            for (int y = 0; y < length; y++)
            {
                picture[((y + (side / 4)) * side) + (side / 2)] = byte.MaxValue;
            }

            First(picture, side, side).Max().ShouldBe(byte.MaxValue, $"{length} pixels");
        }
    }

    [Property(MaxTest = 60)]
    public void The_aspect_is_kept(byte width, byte height)
    {
        int w = 30 + (width % 170);
        int h = 30 + (height % 170);
        byte[] picture = new byte[220 * 220];
        for (int y = 10; y < 10 + h; y++)
        {
            bool isOutermost = y < 14 || y >= h + 6;
            picture.AsSpan((y * 220) + 10, w).Fill(isOutermost ? (byte)255 : (byte)0);
            picture.AsSpan((y * 220) + 10, 4).Fill(255);
            picture.AsSpan((y * 220) + 6 + w, 4).Fill(255);
        }

        (int boxWidth, int boxHeight) = Box(First(picture, 220, 220));

        Math.Max(boxWidth, boxHeight).ShouldBe(20);
        ((double)boxWidth).ShouldBe(20.0 * w / Math.Max(w, h), tolerance: AspectTolerance);
        ((double)boxHeight).ShouldBe(20.0 * h / Math.Max(w, h), tolerance: AspectTolerance);
    }

    [Property(MaxTest = 60)]
    public void A_normalized_picture_is_in_MNIST_s_format(uint index, byte size)
    {
        int side = 20 + size;
        byte[] once = Normalize(Pictures.Canvas(Mnist(index), 300, 280, SKRect.Create(10, 15, side, side)), 300, 280);
        byte[] twice = new byte[Length];

        DigitCandidate? result = Normalize(once, Side, Side, twice);

        result.ShouldNotBeNull().PassedThrough.ShouldBeTrue();
        twice.ShouldBe(once);
    }

    /// <summary>As postal codes and forms are cut into pictures: strokes along all four sides.</summary>
    [Theory]
    [InlineData(1, 255, 0)]
    [InlineData(1, 0, 255)]
    [InlineData(3, 240, 20)]
    [InlineData(3, 20, 240)]
    public void A_digit_cut_out_closely_is_read_whole(int scale, byte paper, byte ink)
    {
        for (uint index = 0; index < 20; index++)
        {
            (int left, int top, int right, int bottom) = Bounds(Mnist(index));
            int width = (right - left) * scale;
            int height = (bottom - top) * scale;
            byte[] cut = Pictures.Canvas(
                Mnist(index), width, height,
                SKRect.Create(-left * scale, -top * scale, Side * scale, Side * scale), paper, ink);

            ShouldShow(index, cut, width, height);
        }
    }

    /// <summary>A sleeve or a shadow that enters the picture looks like a 1.</summary>
    [Theory]
    [InlineData(30, false, 0)] // all of it in the picture
    [InlineData(-60, true, 7)] // what is left looks like a 1
    public void A_digit_that_the_edge_cuts_off_scores_lower(int left, bool isCutOff, float doubt)
    {
        byte[] pixels = Pictures.Canvas(Mnist(3), 200, 200, SKRect.Create(left, 25, Side * 5, Side * 5), 250, 20);
        using GrayImage picture = Image(pixels, 200, 200);

        DigitReading reading = Judge.Value.Judge(DigitNormalizer.Propose(picture)).ShouldNotBeNull();

        reading.Candidate.IsCutOff.ShouldBe(isCutOff);
        float cost = EnergyScore.FromLogits(reading.Logits) - DigitReader.Belief(reading.Candidate, reading.Logits);
        cost.ShouldBe(doubt, tolerance: 1e-4);
    }

    [Fact]
    public void A_digit_cut_out_closely_is_not_cut_off()
    {
        const int Scale = 3;
        for (uint index = 0; index < 20; index++)
        {
            (int left, int top, int right, int bottom) = Bounds(Mnist(index));
            (int width, int height) = (Scale * (right - left), Scale * (bottom - top));
            byte[] cut = Pictures.Canvas(
                Mnist(index), width, height,
                SKRect.Create(-Scale * left, -Scale * top, Scale * Side, Scale * Side), 240, 20);
            using GrayImage picture = Image(cut, width, height);

            DigitReading reading = Judge.Value.Judge(DigitNormalizer.Propose(picture)).ShouldNotBeNull();

            reading.Candidate.IsCutOff.ShouldBeFalse($"image {index}");
        }
    }

    [Theory]
    [InlineData(30)]
    [InlineData(200)]
    public void The_printed_box_around_a_digit_is_left_out(byte line)
    {
        for (uint index = 0; index < 20; index++)
        {
            byte[] form = Picture(index, scale: 5, paper: 250, ink: 90);
            for (int i = 0; i < 160; i++)
            {
                foreach (int side in (int[])[20, 21, 178, 179])
                {
                    form[(side * 200) + 20 + i] = line;
                    form[((20 + i) * 200) + side] = line;
                }
            }

            ShouldShow(index, form, 200, 200);
        }
    }

    /// <summary>As a number is circled in a list. Of these 20, two are read with their ring.</summary>
    [Fact]
    public void A_ring_around_a_digit_is_left_out()
    {
        // In three pictures, the network has more evidence for a 0, which a ring is.
        const int MaxRings = 3;
        int rings = 0;
        for (uint index = 0; index < 20; index++)
        {
            byte[] picture = Picture(index, scale: 4, paper: 240, ink: 40);
            for (int i = 0; i < picture.Length; i++)
            {
                (int y, int x) = Math.DivRem(i, 200);
                double radius = Math.Sqrt(Math.Pow((x - 86) / 75.0, 2) + Math.Pow((y - 81) / 70.0, 2));
                picture[i] = radius is > 0.96 and < 1.04 ? (byte)40 : picture[i];
            }

            rings += MeanDifference(Normalize(picture, 200, 200), Mnist(index)) < SameDigit ? 0 : 1;
        }

        rings.ShouldBeLessThanOrEqualTo(MaxRings);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(16)]
    [InlineData(24)]
    public void A_rectangular_0_is_not_a_box(int stroke)
    {
        byte[] picture = new byte[200 * 200];
        picture.AsSpan().Fill(255);
        for (int y = 30; y < 170; y++)
        {
            for (int x = 60; x < 140; x++)
            {
                bool isHole = x >= 60 + stroke && x < 140 - stroke && y >= 30 + stroke && y < 170 - stroke;
                picture[(y * 200) + x] = isHole ? (byte)255 : (byte)0;
            }
        }

        (int width, int height) = Box(First(picture, 200, 200));

        height.ShouldBe(20);
        ((double)width).ShouldBe(20 * 80 / 140.0, tolerance: AspectTolerance);
    }

    /// <summary>A lamp is reflected by the paper, where no digit is.</summary>
    [Fact]
    public void A_reflection_is_not_mistaken_for_light_ink()
    {
        for (uint index = 0; index < 20; index++)
        {
            byte[] photo = new byte[400 * 200];
            byte[] paper = Picture(index, scale: 5, paper: 160, ink: 60);
            for (int i = 0; i < photo.Length; i++)
            {
                (int y, int x) = Math.DivRem(i, 400);
                double away = Math.Pow(x - 300, 2) + Math.Pow(y - 100, 2);
                photo[i] = (byte)((x < 200 ? paper[(y * 200) + x] : 160) + (90 * Math.Exp(-away / 1800)));
            }

            ShouldShow(index, photo, 400, 200);
        }
    }

    /// <summary>Light falls on a corner of a sheet that lies in the shade.</summary>
    [Fact]
    public void A_bright_corner_is_not_mistaken_for_light_ink()
    {
        for (uint index = 0; index < 20; index++)
        {
            byte[] shaded = Picture(index, scale: 4, paper: 60, ink: 30);
            for (int y = 0; y < 200; y++)
            {
                int first = Math.Clamp(330 - y, 0, 200);
                shaded.AsSpan((y * 200) + first, 200 - first).Fill(200);
            }

            ShouldShow(index, shaded, 200, 200);
        }
    }

    /// <summary>
    /// Most of a sheet lies in the shade, and light falls along one side of it, on more than there is of pale ink.
    /// </summary>
    [Fact]
    public void A_bright_stripe_is_not_mistaken_for_light_ink()
    {
        for (uint index = 0; index < 20; index++)
        {
            byte[] shaded = Picture(index, scale: 5, paper: 100, ink: 75);
            for (int y = 0; y < 200; y++)
            {
                shaded.AsSpan(y * 200, 30 + (y / 10)).Fill(165);
            }

            ShouldShow(index, shaded, 200, 200);
        }
    }

    /// <summary>The negative of a photo: light strokes on gray that gets lighter to one side.</summary>
    [Fact]
    public void Light_ink_on_unevenly_lit_gray_is_found()
    {
        for (uint index = 0; index < 20; index++)
        {
            byte[] negative = Picture(index, scale: 5, paper: 0, ink: 255);
            for (int i = 0; i < negative.Length; i++)
            {
                (int y, int x) = Math.DivRem(i, 200);
                int paper = 100 + (x / 4) + (y / 8);
                negative[i] = (byte)(paper + (negative[i] * (240 - paper) / 255));
            }

            ShouldShow(index, negative, 200, 200);
        }
    }

    /// <summary>The lowest stroke of a 2 lies along the edge of paper with a few paler dots.</summary>
    [Fact]
    public void A_stroke_along_the_edge_is_not_mistaken_for_a_table()
    {
        foreach (uint index in Indices(label: 2).Take(4))
        {
            byte[] whole = Picture(index, scale: 5, paper: 217, ink: 40);
            int height = Enumerable.Range(0, 200)
                .Last(y => whole.AsSpan(y * 200, 200).IndexOfAnyInRange((byte)0, (byte)100) >= 0) - 4;
            byte[] cut = whole[..(200 * height)];
            for (int i = 0; i < cut.Length; i++)
            {
                cut[i] = (byte)(cut[i] + (i % 997 == 0 ? 14 : 0));
            }

            ShouldShow(index, cut, 200, height);
        }
    }

    /// <summary>The shadow of a hand, with a sharp edge across a digit on white paper.</summary>
    [Fact]
    public void A_shadow_on_even_paper_is_not_mistaken_for_ink()
    {
        for (uint index = 0; index < 20; index++)
        {
            byte[] photo = Picture(index, scale: 5, paper: 235, ink: 40);
            for (int i = 0; i < photo.Length; i++)
            {
                (int y, int x) = Math.DivRem(i, 200);
                photo[i] = y > 70 + x ? (byte)(photo[i] * 0.6) : photo[i];
            }

            ShouldShow(index, photo, 200, 200);
        }
    }

    /// <summary>A scan's corner, or dust, is darker than pencil.</summary>
    [Fact]
    public void A_black_speck_beside_a_pale_digit_is_not_mistaken_for_the_digit()
    {
        for (uint index = 0; index < 20; index++)
        {
            byte[] scan = Picture(index, scale: 5, paper: 255, ink: 190);
            for (int y = 0; y < 4; y++)
            {
                scan.AsSpan(y * 200, 3).Clear();
                scan.AsSpan((199 - y) * 200 + 196, 4).Clear();
            }

            ShouldShow(index, scan, 200, 200);
        }
    }

    /// <summary>The pen runs dry: a quarter of the contrast is left in the last rows.</summary>
    [Fact]
    public void A_stroke_that_ends_in_pale_ink_is_found_whole()
    {
        const byte Paper = 250;
        const int Top = 25;
        const int Scale = 5;
        for (uint index = 0; index < 100; index++)
        {
            int bottom = Top + (Scale * Bounds(Mnist(index)).Bottom);
            byte[] pixels = Picture(index, Scale, Paper, ink: 20);
            foreach (ref byte pixel in pixels.AsSpan((bottom - 30) * 200))
            {
                pixel = (byte)(Paper - ((Paper - pixel) / 4));
            }

            using GrayImage picture = Image(pixels, 200, 200);

            DigitNormalizer.Propose(picture).First().Box.Bottom
                .ShouldBeGreaterThan(bottom - (2 * Scale), $"image {index}");
        }
    }

    /// <summary>Found in the reduced picture, read in the unreduced one.</summary>
    [Fact]
    public void A_small_digit_on_a_large_canvas_keeps_its_pixels()
    {
        const int digits = 20;
        byte[] digit = new byte[Length];
        double difference = 0;
        for (uint index = 0; index < digits; index++)
        {
            byte[] canvas = new byte[1000 * 800];
            canvas.AsSpan().Fill(byte.MaxValue);
            for (int i = 0; i < Length; i++)
            {
                canvas[((500 + (i / Side)) * 1000) + 700 + (i % Side)] = (byte)(byte.MaxValue - Mnist(index)[i]);
            }

            Normalize(canvas, 1000, 800, digit);

            difference += MeanDifference(digit, Mnist(index)) / digits;
        }

        difference.ShouldBeLessThan(NearlyTheSamePixels);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 90)]
    [InlineData(8, 8)]
    [InlineData(28, 28)]
    [InlineData(640, 480)]
    public void A_blank_picture_has_no_ink(int width, int height)
    {
        foreach (byte level in new byte[] { 0, 1, 127, 200, 255 })
        {
            byte[] blank = new byte[width * height];
            blank.AsSpan().Fill(level);
            byte[] digit = new byte[Length];

            Normalize(blank, width, height, digit).ShouldBeNull();
        }
    }

    [Fact]
    public void An_8_pixel_picture_still_gives_a_digit()
    {
        byte[] picture = Pictures.Canvas(Train.Value.Pixels(0), 8, 8, SKRect.Create(-1, -1, 10, 10));

        DigitCandidate? result = Normalize(picture, 8, 8, new byte[Length]);

        result.ShouldNotBeNull();
    }

    [Fact]
    public void The_picture_does_not_change()
    {
        byte[] pixels = Picture(3, scale: 5, paper: 230, ink: 40);
        using GrayImage image = Image(pixels, 200, 200);

        _ = DigitNormalizer.Propose(image).Count();

        image.Pixels.ToArray().ShouldBe(pixels);
    }

    private static IEnumerable<uint> Indices(int label) =>
        Enumerable.Range(0, 200).Where(i => Train.Value.Label(i) == label).Select(i => (uint)i);

    private static byte[] Picture(uint index, int scale, byte paper, byte ink) =>
        Pictures.Canvas(Mnist(index), 200, 200, SKRect.Create(30, 25, Side * scale, Side * scale), paper, ink);

    private static ReadOnlySpan<byte> Mnist(uint index) => Train.Value.Pixels((int)(index % 5000));

    /// <summary>The picture shows this image of MNIST.</summary>
    private static void ShouldShow(uint index, byte[] pixels, int width, int height)
    {
        byte[] digit = new byte[Length];
        Normalize(pixels, width, height, digit);
        MeanDifference(digit, Mnist(index)).ShouldBeLessThan(SameDigit, $"image {index}");
    }

    /// <summary>The digit alone, reduced to a square of this side.</summary>
    private static GrayImage CutOut(ReadOnlySpan<byte> mnist, int side)
    {
        using GrayImage image = Image(mnist, Side, Side);
        Region box = MnistFormat.FindBox(image).ShouldNotBeNull();
        using GrayImage digit = image.Part(box.Left, box.Top, box.Right, box.Bottom);
        using GrayImage reduced = Scaling.To(
            digit, Math.Max(1, box.Width * side / box.LongSide), Math.Max(1, box.Height * side / box.LongSide));
        var square = new GrayImage(side, side);
        square.Pixels.Clear();
        for (int y = 0; y < reduced.Height; y++)
        {
            reduced.Row(y).CopyTo(square.Row(y + ((side - reduced.Height) / 2))[((side - reduced.Width) / 2)..]);
        }

        return square;
    }

    private static byte[] Normalize(byte[] pixels, int width, int height)
    {
        byte[] digit = new byte[Length];
        Normalize(pixels, width, height, digit).ShouldNotBeNull();
        return digit;
    }

    /// <summary>The pixels of the likeliest candidate.</summary>
    private static byte[] First(byte[] pixels, int width, int height)
    {
        using GrayImage image = Image(pixels, width, height);
        return DigitNormalizer.Propose(image).First().Pixels;
    }

    private static DigitCandidate? Normalize(ReadOnlySpan<byte> pixels, int width, int height, byte[] digit)
    {
        using GrayImage image = Image(pixels, width, height);
        DigitCandidate? best = Judge.Value.Judge(DigitNormalizer.Propose(image))?.Candidate;
        best?.Pixels.CopyTo(digit, 0);
        return best;
    }

    private static GrayImage Image(ReadOnlySpan<byte> pixels, int width, int height)
    {
        var image = new GrayImage(width, height);
        pixels.CopyTo(image.Pixels);
        return image;
    }

    private static double MeanDifference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        int sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += Math.Abs(a[i] - b[i]);
        }

        return (double)sum / a.Length;
    }

    private static (int Width, int Height) Box(byte[] digit)
    {
        (int left, int top, int right, int bottom) = Bounds(digit);
        return (right - left, bottom - top);
    }

    private static (int Left, int Top, int Right, int Bottom) Bounds(ReadOnlySpan<byte> digit)
    {
        byte[] pixels = digit.ToArray();
        int[] columns =
            [.. Enumerable.Range(0, Side).Where(x => Enumerable.Range(0, Side).Any(y => pixels[(y * Side) + x] > 0))];
        int[] rows =
            [.. Enumerable.Range(0, Side).Where(y => Enumerable.Range(0, Side).Any(x => pixels[(y * Side) + x] > 0))];
        return (columns[0], rows[0], columns[^1] + 1, rows[^1] + 1);
    }
}
