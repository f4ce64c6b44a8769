using System.Buffers.Binary;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Decoding;

public sealed class ImageDecoderTests
{
    // The luma weights are whole 1/256.
    private const int LumaTolerance = 1;

    // A JPEG at quality 100 rounds each coefficient.
    private const int JpegTolerance = 3;

    private const int Width = 40;
    private const int Height = 24;

    private static readonly byte[] Gradient =
        [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(((i % Width) * 4) + ((i / Width) * 3)))];

    [Fact]
    public void A_gray_PNG_is_decoded_pixel_for_pixel()
    {
        using GrayImage image = Decode(Pictures.GrayPng(Gradient, Width, Height));

        (image.Width, image.Height).ShouldBe((Width, Height));
        image.Pixels.ToArray().ShouldBe(Gradient);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void A_lossy_picture_is_decoded_within_its_losses(SKEncodedImageFormat format)
    {
        using GrayImage image = Decode(Pictures.Encode(Gradient, Width, Height, format, quality: 100));

        (image.Width, image.Height).ShouldBe((Width, Height));
        ShouldBeClose(image, (x, y) => Gradient[(y * Width) + x], JpegTolerance);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_BMP_is_decoded_whichever_way_its_rows_run(bool topDown)
    {
        byte[] bmp = PictureFiles.Bmp(Width, Height, (x, y) => ((byte)(x * 6), (byte)(y * 10), 100), topDown);

        using GrayImage image = Decode(bmp);

        ShouldBeClose(image, (x, y) => Bt601(x * 6, y * 10, 100), LumaTolerance);
    }

    [Fact]
    public void A_GIF_gives_its_first_frame()
    {
        byte[] first = [.. Gradient.Select(pixel => (byte)(pixel / 2))];
        byte[] second = new byte[first.Length];

        using GrayImage image = Decode(PictureFiles.Gif(Width, Height, first, second));

        ShouldBeClose(image, (x, y) => first[(y * Width) + x] * 2, LumaTolerance);
    }

    [Fact]
    public void Samples_of_16_bits_become_8_bits()
    {
        byte[][] rows = PictureFiles.Rows(Width, Height, (x, y) => [Gradient[(y * Width) + x], 0x55]);

        using GrayImage image = Decode(PictureFiles.Png(Width, Height, bitDepth: 16, colorType: 0, rows));

        ShouldBeClose(image, (x, y) => Gradient[(y * Width) + x], LumaTolerance);
    }

    [Fact]
    public void Samples_of_16_bits_with_alpha_become_8_bits()
    {
        byte[][] rows = PictureFiles.Rows(Width, Height, (x, y) =>
            [(byte)(x * 6), 0, (byte)(y * 10), 0, 7, 0, 255, 255]);

        using GrayImage image = Decode(PictureFiles.Png(Width, Height, bitDepth: 16, colorType: 6, rows));

        ShouldBeClose(image, (x, y) => Bt601(x * 6, y * 10, 7), LumaTolerance + 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void A_palette_of_any_depth_is_looked_up(int bitDepth)
    {
        int colors = Math.Min(1 << bitDepth, Width);
        int samplesPerByte = 8 / bitDepth;
        byte[] palette =
            [.. Enumerable.Range(0, colors).SelectMany(i => new[] { (byte)(255 - i), (byte)(i * 3), (byte)i })];
        byte[][] rows = PictureFiles.Rows(Width / samplesPerByte, Height, (x, _) =>
        [
            (byte)Enumerable.Range(0, samplesPerByte)
                .Sum(i => ((x * samplesPerByte) + i) % colors << (8 - (bitDepth * (i + 1)))),
        ]);

        using GrayImage image =
            Decode(PictureFiles.Png(Width, Height, bitDepth, colorType: 3, rows, ("PLTE", palette)));

        ShouldBeClose(image, (x, _) => Bt601(255 - (x % colors), x % colors * 3, x % colors), LumaTolerance);
    }

    [Fact]
    public void A_grayscale_JPEG_is_read()
    {
        byte[] jpeg = Pictures.Encode(Gradient, Width, Height, SKEncodedImageFormat.Jpeg, quality: 100);

        using GrayImage image = Decode(jpeg);

        ShouldBeClose(image, (x, y) => Gradient[(y * Width) + x], JpegTolerance);
    }

    [Fact]
    public void A_CMYK_JPEG_is_read_as_ink_on_white()
    {
        byte[] jpeg = PictureFiles.CmykJpeg(4, 2, (x, y) =>
            y == 0 ? ((byte)0, (byte)0, (byte)0, (byte)(x * 80)) : ((byte)255, (byte)0, (byte)0, (byte)0));

        using GrayImage image = Decode(jpeg);

        (image.Width, image.Height).ShouldBe((32, 16));
        ShouldBeClose(image, (x, y) => y < 8 ? 255 - (x / 8 * 80) : Bt601(0, 255, 255), JpegTolerance);
    }

    [Theory]
    [InlineData(1, "ab/cd/ef")]
    [InlineData(2, "ba/dc/fe")]
    [InlineData(3, "fe/dc/ba")]
    [InlineData(4, "ef/cd/ab")]
    [InlineData(5, "ace/bdf")]
    [InlineData(6, "eca/fdb")]
    [InlineData(7, "fdb/eca")]
    [InlineData(8, "bdf/ace")]
    public void The_camera_s_orientation_is_corrected(int orientation, string upright)
    {
        const int Block = 16;
        byte[] stored = new byte[2 * Block * 3 * Block];
        for (int i = 0; i < stored.Length; i++)
        {
            int letter = (i / (2 * Block) / Block * 2) + (i % (2 * Block) / Block);
            stored[i] = (byte)(letter * 40);
        }

        byte[] jpeg = Pictures.Encode(stored, 2 * Block, 3 * Block, SKEncodedImageFormat.Jpeg, quality: 100);
        using GrayImage image = Decode(PictureFiles.WithOrientation(jpeg, orientation));

        string[] letters = upright.Split('/');
        (image.Width, image.Height).ShouldBe((letters[0].Length * Block, letters.Length * Block));
        ShouldBeClose(image, (x, y) => (letters[y / Block][x / Block] - 'a') * 40, JpegTolerance);
    }

    [Theory]
    [InlineData("PNG, before its pixels")]
    [InlineData("PNG, after its pixels")]
    [InlineData("WebP")]
    public void The_orientation_is_corrected_in_other_formats_too(string kind)
    {
        byte[][] rows = [.. Gradient.Chunk(Width)];
        (string, byte[])[] exif = [("eXIf", PictureFiles.Exif(orientation: 3))];
        byte[] file = kind switch
        {
            "PNG, before its pixels" => PictureFiles.Png(Width, Height, bitDepth: 8, colorType: 0, rows, exif),
            "PNG, after its pixels" => PictureFiles.Png(Width, Height, bitDepth: 8, colorType: 0, rows, [], exif),
            _ => PictureFiles.WithOrientation(
                Pictures.Encode(
                    Gradient, Width, Height, SKEncodedImageFormat.Webp, quality: 100), Width, Height, orientation: 3),
        };

        using GrayImage image = Decode(file);

        ShouldBeClose(image, (x, y) => Gradient[^((y * Width) + x + 1)], JpegTolerance);
    }

    /// <summary>Before the library sees it: it takes memory for the picture, whatever the canvas says.</summary>
    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    public void A_WebP_whose_picture_is_not_as_large_as_its_canvas_is_rejected_by_its_header(int quality)
    {
        byte[] webP = Pictures.Encode(Gradient, Width, Height, SKEncodedImageFormat.Webp, quality);
        byte[] file = PictureFiles.WithOrientation(webP, Width / 2, Height, orientation: 1);

        ImageHeader.Read(file).Problem.ShouldBe(ImageProblem.Damaged);
    }

    [Fact]
    public void A_second_picture_of_a_WebP_is_not_read()
    {
        const int RiffHeader = 12;
        byte[] webP = Pictures.Encode(Gradient, Width, Height, SKEncodedImageFormat.Webp, quality: 100);
        byte[] larger = Pictures.Encode(new byte[200 * 200], 200, 200, SKEncodedImageFormat.Webp, quality: 100);
        byte[] file = PictureFiles.WithOrientation(webP, Width, Height, orientation: 1);

        using GrayImage image = Decode([.. file, .. larger.AsSpan(RiffHeader)]);

        (image.Width, image.Height).ShouldBe((Width, Height));
        ShouldBeClose(image, (x, y) => Gradient[(y * Width) + x], JpegTolerance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(6)]
    public void Samples_of_16_bits_that_use_only_8_are_read_as_8(int colorType)
    {
        int samples = colorType switch { 0 => 1, 2 => 3, _ => 4 };
        byte[][] rows = PictureFiles.Rows(Width, Height, (x, y) =>
        [
            .. Enumerable.Range(0, samples).SelectMany(
                i => new byte[] { (byte)(i == 3 ? 255 : 0), i == 3 ? (byte)255 : Gradient[(y * Width) + x] }),
        ]);

        using GrayImage image = Decode(PictureFiles.Png(Width, Height, bitDepth: 16, colorType, rows));

        ShouldBeClose(image, (x, y) => Gradient[(y * Width) + x], LumaTolerance);
    }

    [Theory]
    [InlineData(Width, Height)]
    [InlineData(1000, 600)]
    public void A_JPEG_is_read_without_its_end_marker_or_with_trailing_data_but_not_with_truncated_data(
        int width, int height)
    {
        byte[] levels = [.. Enumerable.Range(0, width * height).Select(i => (byte)((i % width / 4) + (i / width / 5)))];
        byte[] jpeg = Pictures.Encode(levels, width, height, SKEncodedImageFormat.Jpeg, quality: 90);

        Problem(jpeg.AsSpan(..^1)).ShouldBe(ImageProblem.None);
        Problem([.. jpeg, .. "trailing bytes"u8]).ShouldBe(ImageProblem.None);
        Problem(jpeg.AsSpan(..^12)).ShouldBe(ImageProblem.Damaged);
        using GrayImage whole = Decode(jpeg);
        using GrayImage withoutEnd = Decode(jpeg.AsSpan(..^2));
        withoutEnd.Pixels.SequenceEqual(whole.Pixels).ShouldBeTrue();
    }

    [Fact]
    public void A_CMYK_JPEG_is_read_without_its_end_marker_but_not_with_truncated_data()
    {
        byte[] jpeg = PictureFiles.CmykJpeg(
            9, 5, (x, y) => ((byte)(x * 20), (byte)(y * 30), (byte)(x * y), (byte)(x + y)));

        using GrayImage whole = Decode(jpeg);
        using GrayImage withoutEnd = Decode(jpeg.AsSpan(..^2));
        withoutEnd.Pixels.SequenceEqual(whole.Pixels).ShouldBeTrue();
        for (int missing = 3; missing < 40; missing++)
        {
            Problem(jpeg.AsSpan(..^missing)).ShouldBe(ImageProblem.Damaged, $"{missing} bytes");
        }
    }

    [Fact]
    public void A_progressive_JPEG_is_rejected_without_its_end_marker()
    {
        byte[] jpeg = PictureFiles.ProgressiveJpeg(9, 5, (x, y) => (byte)((x * 20) + (y * 10)));

        Problem(jpeg).ShouldBe(ImageProblem.None);
        Problem(jpeg.AsSpan(..^2)).ShouldBe(ImageProblem.Damaged);
    }

    [Theory]
    [InlineData(0, 255)]
    [InlineData(60, 255)]
    [InlineData(255, 0)]
    [InlineData(200, 0)]
    public void The_paper_under_a_transparent_canvas_contrasts_with_its_strokes(byte stroke, byte paper)
    {
        byte[] png = PictureFiles.RgbaPng(Width, Height, (x, _) =>
            x is > 10 and < 20 ? (stroke, stroke, stroke, (byte)255) : default);

        using GrayImage image = Decode(png);

        ShouldBeClose(image, (x, _) => x is > 10 and < 20 ? stroke : paper, LumaTolerance);
    }

    [Theory]
    [InlineData(240)]
    [InlineData(20)]
    public void Transparent_corners_of_an_opaque_picture_become_its_paper(byte paper)
    {
        byte[] png = PictureFiles.RgbaPng(Width, Height, (x, y) => (x + y) switch
        {
            < 8 => default,
            30 => ((byte)128, (byte)128, (byte)128, (byte)255),
            _ => (paper, paper, paper, (byte)255),
        });

        using GrayImage image = Decode(png);

        image.Pixels[0].ShouldBe(paper > 127 ? (byte)255 : (byte)0);
    }

    [Fact]
    public void Half_transparent_ink_is_mixed_with_the_paper()
    {
        byte[] png = PictureFiles.RgbaPng(Width, Height, (x, _) =>
            x == 5 ? ((byte)0, (byte)0, (byte)0, (byte)128) : default);

        using GrayImage image = Decode(png);

        ((int)image.Pixels[5]).ShouldBeInRange(127 - LumaTolerance, 127 + LumaTolerance);
    }

    [Fact]
    public void Colors_of_transparent_pixels_do_not_show()
    {
        byte[] png = PictureFiles.RgbaPng(Width, Height, (x, y) =>
            x == 5 ? ((byte)0, (byte)0, (byte)0, (byte)255) : ((byte)(x * 6), (byte)(y * 9), (byte)90, (byte)0));

        using GrayImage image = Decode(png);

        ShouldBeClose(image, (x, _) => x == 5 ? 0 : 255, LumaTolerance);
    }

    [Fact]
    public void A_fully_transparent_picture_is_all_paper()
    {
        using GrayImage image = Decode(PictureFiles.RgbaPng(Width, Height, (_, _) => default));

        image.Pixels.IndexOfAnyExcept(image.Pixels[0]).ShouldBe(-1);
    }

    [Theory]
    [InlineData(2000, 1500, 1000, 750)]
    [InlineData(1025, 3, 513, 2)]
    [InlineData(3, 5000, 1, 1000)]
    public void A_large_picture_is_reduced_by_area_average(int width, int height, int reducedWidth, int reducedHeight)
    {
        byte[] checks = new byte[width * height];
        for (int i = 0; i < checks.Length; i++)
        {
            checks[i] = (byte)(((i % width) + (i / width)) % 2 * 200);
        }

        using GrayImage image = Decode(Pictures.GrayPng(checks, width, height));

        (image.Width, image.Height).ShouldBe((reducedWidth, reducedHeight));
        ((int)image.Row(0)[0]).ShouldBeInRange(200 * 4 / 9, 200 * 5 / 9);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void A_large_photo_is_reduced_by_its_codec(SKEncodedImageFormat format)
    {
        byte[] flat = new byte[4000 * 3000];
        flat.AsSpan().Fill(77);

        using GrayImage image = Decode(Pictures.Encode(flat, 4000, 3000, format, quality: 90));

        Math.Max(image.Width, image.Height).ShouldBeInRange(400, ImageDecoder.MaxDecodedSide);
        ShouldBeClose(image, (_, _) => 77, JpegTolerance);
    }

    [Theory]
    [InlineData(ImageDecoder.OneDigitSide, 500)]
    [InlineData(ImageDecoder.DigitsSide, 1000)]
    public void A_large_JPEG_keeps_the_pixels_that_the_caller_needs(int leastSide, int width)
    {
        byte[] file = Pictures.Encode(new byte[4000 * 3000], 4000, 3000, SKEncodedImageFormat.Jpeg, quality: 90);

        ImageDecoder.Decode(file, ImageHeader.Read(file), ImageLimits.Default, out GrayImage? image, leastSide);

        using GrayImage decoded = image!;
        decoded.Width.ShouldBe(width);
    }

    [Theory]
    [InlineData(60_000, 60_000)]
    [InlineData(16_385, 1)]
    [InlineData(10_000, 5_034)]
    public void Too_many_pixels_are_rejected_by_the_header(int width, int height)
    {
        byte[] png = PictureFiles.Png(width, height, bitDepth: 8, colorType: 0, [[0]]);

        Problem(png).ShouldBe(ImageProblem.TooManyPixels);
    }

    [Theory]
    [InlineData(0xC0, 16_384, 12_288, true)]
    [InlineData(0xC0, 16_384, 12_289, false)]
    [InlineData(0xC0, 16_385, 8, false)]
    [InlineData(0xC2, 8_192, 4_096, true)]
    [InlineData(0xC2, 8_192, 4_097, false)]
    public void A_baseline_JPEG_may_have_four_times_the_pixels_of_others_and_a_progressive_one_those_that_fit_in_memory(
        int startOfFrame, int width, int height, bool isAllowed)
    {
        byte[] jpeg = Pictures.Encode(Gradient, Width, Height, SKEncodedImageFormat.Jpeg, quality: 90);
        int frame = jpeg.AsSpan().IndexOf<byte>([0xFF, 0xC0]);
        jpeg[frame + 1] = (byte)startOfFrame;
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), (ushort)width);

        ImageHeader header = ImageHeader.Read(jpeg);

        (header.Width, header.Height).ShouldBe((width, height));
        ImageLimits.Default.Check(header).ShouldBe(isAllowed ? ImageProblem.None : ImageProblem.TooManyPixels);
    }

    [Fact]
    public void Other_limits_can_be_set()
    {
        ImageProblem problem = ImageDecoder.Decode(
            Pictures.GrayPng(Gradient, Width, Height), new ImageLimits(MaxPixels: 100, MaxSide: 100),
            out GrayImage? image);

        problem.ShouldBe(ImageProblem.TooManyPixels);
        image.ShouldBeNull();
    }

    public static TheoryData<string> NoPictures =>
        ["", "a", "hello", "<svg xmlns='http://www.w3.org/2000/svg'/>", "II*\0", "\0\0\u0001\0\u0001\0",
            "\0\0\u001c\u001c"];

    [Theory]
    [MemberData(nameof(NoPictures))]
    public void Unsupported_files_are_rejected(string content)
    {
        Problem([.. content.Select(c => (byte)c)]).ShouldBe(ImageProblem.UnknownFormat);
    }

    [Theory]
    [MemberData(nameof(WholePictures))]
    public void The_header_has_the_size_wherever_the_file_is_cut_after_it(string kind)
    {
        byte[] whole = WholePicture(kind);

        ImageHeader header = ImageHeader.Read(whole);

        (header.Width, header.Height, header.Orientation).ShouldBe((Width, Height, 1));
        for (int length = 0; length < whole.Length; length++)
        {
            ImageHeader cut = ImageHeader.Read(whole.AsSpan(0, length));
            bool isSame = (cut.Width, cut.Height, cut.Orientation) == (Width, Height, 1);
            (cut.IsEmpty || isSame).ShouldBeTrue($"{length} bytes of {kind}");
        }
    }

    public static TheoryData<string> WholePictures => ["png", "gray.png", "jpeg", "webp", "gif", "bmp"];

    [Theory]
    [MemberData(nameof(WholePictures))]
    public void A_picture_cut_off_anywhere_is_damaged(string kind)
    {
        byte[] whole = WholePicture(kind);
        Problem(whole).ShouldBe(ImageProblem.None);

        for (int eighths = 1; eighths < 8; eighths++)
        {
            Problem(whole.AsSpan(0, whole.Length * eighths / 8))
                .ShouldBe(ImageProblem.Damaged, $"{eighths}/8 of {kind}");
        }
    }

    [Fact]
    public void A_picture_without_pixels_is_damaged()
    {
        Problem(PictureFiles.Png(0, 0, bitDepth: 8, colorType: 0, [])).ShouldBe(ImageProblem.Damaged);
    }

    [Fact]
    public void Decoding_does_not_change_the_file_s_bytes()
    {
        byte[] png = Pictures.GrayPng(Gradient, Width, Height);
        byte[] before = [.. png];

        Decode(png).Dispose();

        png.ShouldBe(before);
    }

    private static byte[] WholePicture(string kind) => kind switch
    {
        "png" => PictureFiles.RgbaPng(Width, Height, (x, y) => ((byte)(x * 6), (byte)(y * 9), (byte)(x ^ y), 255)),
        "gray.png" => Pictures.GrayPng([.. Gradient.Select((pixel, i) => (byte)(pixel * i))], Width, Height),
        "jpeg" => Pictures.Encode(Gradient, Width, Height, SKEncodedImageFormat.Jpeg, quality: 95),
        "webp" => Pictures.Encode(Gradient, Width, Height, SKEncodedImageFormat.Webp, quality: 80),
        "gif" => PictureFiles.Gif(Width, Height, [.. Gradient.Select(pixel => (byte)(pixel / 2))]),
        _ => PictureFiles.Bmp(Width, Height, (x, y) => ((byte)x, (byte)y, 9)),
    };

    private static int Bt601(int r, int g, int b) => (int)Math.Round((0.299 * r) + (0.587 * g) + (0.114 * b));

    private static ImageProblem Problem(ReadOnlySpan<byte> encoded)
    {
        ImageProblem problem = ImageDecoder.Decode(encoded, ImageLimits.Default, out GrayImage? image);
        (image is null).ShouldBe(problem != ImageProblem.None);
        image?.Dispose();
        return problem;
    }

    private static GrayImage Decode(ReadOnlySpan<byte> encoded)
    {
        ImageDecoder.Decode(encoded, ImageLimits.Default, out GrayImage? image).ShouldBe(ImageProblem.None);
        return image!;
    }

    private static void ShouldBeClose(GrayImage image, Func<int, int, int> expected, int tolerance)
    {
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                ((int)image.Row(y)[x])
                    .ShouldBeInRange(expected(x, y) - tolerance, expected(x, y) + tolerance, $"at {x}, {y}");
            }
        }
    }
}
