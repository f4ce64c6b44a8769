using System.Buffers.Binary;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Decoding;

/// <summary>ImageSharp decodes to the same pixels as Skia, and files that could harm it do not reach it.</summary>
public sealed class LibraryTests
{
    private const int Width = 60;
    private const int Height = 44;

    /// <summary>
    /// The two convert YCbCr to RGB with different roundings, and the weights of luma are whole 1/256.
    /// </summary>
    private const int LossyTolerance = 3;

    /// <summary>Skia and ImageSharp scale up colors of half the size by different filters.</summary>
    private const int ChromaTolerance = 12;

    [Fact]
    public void The_library_knows_the_four_formats_that_it_decodes_and_no_encoder()
    {
        string[] names = [.. ImageDecoder.Library.ImageFormats.Select(format => format.Name).Order()];

        names.ShouldBe(["BMP", "GIF", "JPEG", "Webp"]);
        ImageDecoder.Library.MaxDegreeOfParallelism.ShouldBe(1);
        foreach (var format in ImageDecoder.Library.ImageFormats)
        {
            ImageDecoder.Library.ImageFormatsManager.FindDecoder(format).ShouldNotBeNull();
            ImageDecoder.Library.ImageFormatsManager.FindEncoder(format).ShouldBeNull();
        }
    }

    [Fact]
    public void The_library_may_not_allocate_more_than_256_MB_at_once()
    {
        Should.Throw<SixLabors.ImageSharp.Memory.InvalidMemoryOperationException>(
            () => ImageDecoder.Library.MemoryAllocator.Allocate<byte>((256 << 20) + 1));
        ImageDecoder.Library.MemoryAllocator.Allocate<byte>(256 << 20).Dispose();
    }

    [Theory]
    [InlineData(30)]
    [InlineData(90)]
    [InlineData(100)]
    public void A_WebP_is_decoded_as_by_Skia(int quality)
    {
        byte[] file = Pictures.EncodeColors(Width, Height, Color, SKEncodedImageFormat.Webp, quality);

        ShouldDecodeAsBySkia(file, ChromaTolerance);
    }

    [Fact]
    public void A_lossless_WebP_is_decoded_as_by_Skia()
    {
        byte[] file = Translucent(SKWebpEncoderCompression.Lossless);

        file.AsSpan(12, 4).SequenceEqual("VP8L"u8).ShouldBeTrue();
        ShouldDecodeAsBySkia(file, tolerance: 0);
    }

    [Fact]
    public void A_WebP_with_alpha_is_decoded_as_by_Skia()
    {
        byte[] file = Translucent(SKWebpEncoderCompression.Lossy);

        file.AsSpan(30, 4).SequenceEqual("ALPH"u8).ShouldBeTrue();
        ShouldDecodeAsBySkia(file, ChromaTolerance);
    }

    [Theory]
    [InlineData("VP8 ")]
    [InlineData("VP8L")]
    [InlineData("ALPH")]
    public void The_first_frame_of_an_animated_WebP_is_read(string chunk)
    {
        byte[] still = chunk switch
        {
            "VP8 " => Pictures.EncodeColors(Width, Height, Color, SKEncodedImageFormat.Webp, quality: 90),
            "VP8L" => Translucent(SKWebpEncoderCompression.Lossless),
            _ => Translucent(SKWebpEncoderCompression.Lossy),
        };

        using GrayImage expected = Decode(still);
        using GrayImage image = Decode(PictureFiles.AnimatedWebP(still, Width, Height));

        (image.Width, image.Height).ShouldBe((Width, Height));
        image.Pixels.SequenceEqual(expected.Pixels).ShouldBeTrue();
    }

    [Fact]
    public void An_animated_WebP_that_is_truncated_is_damaged()
    {
        byte[] file = PictureFiles.AnimatedWebP(Translucent(SKWebpEncoderCompression.Lossless), Width, Height);
        for (int eighths = 1; eighths < 8; eighths++)
        {
            Problem(file[..(file.Length * eighths / 8)]).ShouldBe(ImageProblem.Damaged, $"{eighths}/8");
        }
    }

    [Fact]
    public void A_picture_before_the_frames_of_an_animated_WebP_is_not_read()
    {
        const int FirstChunk = 12;
        const int ExtendedHeader = FirstChunk + 18;
        byte[] still = Translucent(SKWebpEncoderCompression.Lossless);
        byte[] other = Pictures.Encode(new byte[64], 8, 8, SKEncodedImageFormat.Webp, quality: 90);
        byte[] animated = PictureFiles.AnimatedWebP(still, Width, Height);

        using GrayImage expected = Decode(still);
        using GrayImage image = Decode(
            [.. animated[..ExtendedHeader], .. other[FirstChunk..], .. animated[ExtendedHeader..]]);

        image.Pixels.SequenceEqual(expected.Pixels).ShouldBeTrue();
    }

    /// <summary>The library would go back by the length of the unknown chunk, which is negative to it.</summary>
    [Fact]
    public void A_WebP_without_a_picture_is_rejected_by_its_header()
    {
        byte[] webP = Pictures.EncodeColors(Width, Height, Color, SKEncodedImageFormat.Webp, quality: 90);
        byte[] extended = PictureFiles.WithOrientation(webP, Width, Height, orientation: 1);
        const int PictureChunk = 30;
        byte[] unknown = [.. "ABCD"u8, 0, 0, 0, 0xF0];

        ImageHeader.Read([.. extended[..PictureChunk], .. unknown, .. extended[PictureChunk..]]).Problem
            .ShouldBe(ImageProblem.Damaged);
    }

    [Theory]
    [InlineData(1, false, 0)]
    [InlineData(4, false, 0)]
    [InlineData(8, false, 0)]
    [InlineData(8, true, 0)]
    [InlineData(16, false, 1)] // five bits become eight by different roundings
    [InlineData(24, false, 0)]
    [InlineData(24, true, 0)]
    [InlineData(32, false, 0)]
    public void A_BMP_of_any_depth_is_decoded_as_by_Skia(int bits, bool topDown, int tolerance) =>
        ShouldDecodeAsBySkia(Bmp(bits, topDown), tolerance);

    [Fact]
    public void A_GIF_in_colors_is_decoded_as_by_Skia()
    {
        byte[] indices = [.. Enumerable.Range(0, Width * Height).Select(i => (byte)((i % Width) + (i / Width)))];

        ShouldDecodeAsBySkia(
            PictureFiles.Gif(Width, Height, i =>
                ((byte)(2 * i), (byte)(255 - i), (byte)(i * i)), indices), tolerance: 0);
    }

    [Fact]
    public void A_GIF_whose_frame_is_smaller_than_its_canvas_is_decoded_as_by_Skia()
    {
        byte[] gif =
            PictureFiles.Gif(Width, Height, [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(i % 100))]);
        gif[6] = Width + 20;
        gif[8] = Height + 9;

        ShouldDecodeAsBySkia(gif, tolerance: 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_progressive_JPEG_is_decoded(int components)
    {
        byte[] file = PictureFiles.ProgressiveJpeg(9, 5, (x, y) => (byte)((x * 20) + (y * 10)), components);

        using GrayImage image = Decode(file);

        ImageHeader.Read(file).IsBaselineJpeg.ShouldBeFalse();
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            int level = (i % image.Width / 8 * 20) + (i / image.Width / 8 * 10);
            ((int)image.Pixels[i]).ShouldBeInRange(level - LossyTolerance, level + LossyTolerance);
        }
    }

    /// <summary>Without the second scan Skia would smooth the blocks.</summary>
    [Fact]
    public void A_progressive_JPEG_of_two_scans_is_decoded_as_by_Skia()
    {
        byte[] first = PictureFiles.ProgressiveJpeg(9, 5, (x, y) => (byte)((x * 20) + (y * 10)));
        byte[] file = [.. first[..^2], 0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0, .. new byte[6], 0xFF, 0xD9];

        ShouldDecodeAsBySkia(file, LossyTolerance);
    }

    [Fact]
    public void A_CMYK_JPEG_with_damaged_data_is_rejected()
    {
        byte[] file = PictureFiles.CmykJpeg(9, 5, (x, y) =>
            ((byte)(x * 20), (byte)(y * 30), (byte)(x * y), (byte)(x + y)));

        Problem([.. file[..^40], .. file[^2..]]).ShouldBe(ImageProblem.Damaged);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(46)]
    public void Sixty_bytes_of_BMP_that_announce_a_palette_of_two_gigabytes_are_damaged(int place)
    {
        byte[] file = Bmp(bits: 8, topDown: false)[..60];
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(place), place == 10 ? 0x7FFFFFFFu : 0x1FFFFFFFu);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Problem(file).ShouldBe(ImageProblem.Damaged);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
    }

    private static (byte R, byte G, byte B) Color(int x, int y) =>
        ((byte)(60 + (2 * x)), (byte)(200 - x - y), (byte)(80 + (3 * y)));

    private static byte[] Translucent(SKWebpEncoderCompression compression)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int i = 0; i < Width * Height; i++)
        {
            (byte r, byte g, byte b) = Color(i % Width, i / Width);
            bitmap.SetPixel(i % Width, i / Width, new SKColor(r, g, b, (byte)(i % Width < 20 ? 255 : 4 * (i / Width))));
        }

        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData data = pixmap.Encode(new SKWebpEncoderOptions(compression, 80))!;
        return data.ToArray();
    }

    /// <summary>A picture of noise, with a palette up to 8 bits.</summary>
    private static byte[] Bmp(int bits, bool topDown)
    {
        const int Headers = 54;
        int palette = bits <= 8 ? 4 << bits : 0;
        int stride = ((Width * bits) + 31) / 32 * 4;
        byte[] file = new byte[Headers + palette + (stride * Height)];
        new Random(bits).NextBytes(file.AsSpan(Headers));
        file[0] = (byte)'B';
        file[1] = (byte)'M';
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), Headers + palette);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), Width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), topDown ? -Height : Height);
        file[26] = 1;
        file[28] = (byte)bits;
        return file;
    }

    private static ImageProblem Problem(byte[] file)
    {
        ImageProblem problem = ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
        image?.Dispose();
        return problem;
    }

    private static GrayImage Decode(byte[] file)
    {
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image).ShouldBe(ImageProblem.None);
        return image!;
    }

    private static void ShouldDecodeAsBySkia(byte[] file, int tolerance)
    {
        using GrayImage image = Decode(file);
        using GrayImage? expected = SkiaOracle.Decode(file);
        (image.Width, image.Height).ShouldBe((expected!.Width, expected.Height));
        int most = 0;
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            most = Math.Max(most, Math.Abs(image.Pixels[i] - expected.Pixels[i]));
        }

        most.ShouldBeLessThanOrEqualTo(tolerance);
    }
}
