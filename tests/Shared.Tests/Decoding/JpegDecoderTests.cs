using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Decoding;

/// <summary>Our own decoder of baseline JPEGs gives what Skia gives, except for rounding.</summary>
public sealed class JpegDecoderTests
{
    /// <summary>Skia rounds in whole numbers, three times more for a picture in color.</summary>
    private const int Tolerance = 3;

    private const int Seed = 1024;
    private const int Mutants = 45;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 24)]
    [InlineData(67, 130)]
    [InlineData(280, 280)]
    [InlineData(800, 70)]
    [InlineData(803, 17)]
    [InlineData(11, 1599)]
    [InlineData(1601, 33)]
    [InlineData(40, 3207)]
    [InlineData(8201, 9)]
    public void A_JPEG_of_any_size_is_decoded_as_by_Skia(int width, int height)
    {
        foreach (int quality in new[] { 30, 95 })
        {
            foreach (SKJpegEncoderDownsample downsample in Enum.GetValues<SKJpegEncoderDownsample>())
            {
                byte[] color = Encode(width, height, SKColorType.Rgba8888, downsample, quality);
                byte[] gray = Encode(width, height, SKColorType.Gray8, downsample, quality);

                ShouldDecodeAsBySkia(color);
                ShouldDecodeAsBySkia(gray);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1000)]
    public void A_photo_with_restart_markers_is_decoded_as_by_Skia(int interval)
    {
        const int BlocksWide = 66;
        const int BlocksHigh = 5;
        byte[] file = PictureFiles.GrayJpeg(BlocksWide, BlocksHigh, interval, (x, y) => (byte)((x * 37) + (y * 11)));

        ShouldDecodeAsBySkia(file);
    }

    [Theory]
    [InlineData(66, 5)]
    [InlineData(6, 5)]
    public void Fill_bytes_before_a_marker_and_unused_bytes_are_skipped(int blocksWide, int blocksHigh)
    {
        byte[] file = PictureFiles.GrayJpeg(blocksWide, blocksHigh, restartInterval: 4, (x, y) => (byte)(x + (y * 11)));
        byte[] filled = file;
        for (byte marker = 0xD0; marker <= 0xD9; marker++)
        {
            int at = filled.AsSpan().LastIndexOf<byte>([0xFF, marker]);
            filled = at < 0 || marker == 0xD8
                ? filled
                : [.. filled[..at], 0, 0, 0xFF, 0xFF, .. filled[at..]];
        }

        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? expected).ShouldBe(ImageProblem.None);
        ImageDecoder.Decode(filled, ImageLimits.Default, out GrayImage? image).ShouldBe(ImageProblem.None);
        using (expected)
        using (image)
        {
            filled.Length.ShouldBeGreaterThan(file.Length + 20);
            image!.Pixels.SequenceEqual(expected!.Pixels).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_JPEG_with_a_restart_marker_in_the_wrong_place_is_damaged()
    {
        byte[] file = PictureFiles.GrayJpeg(66, 5, restartInterval: 50, (x, y) => (byte)(x * 3));
        int second = file.AsSpan().IndexOf<byte>([0xFF, 0xD1]);
        file[second + 1] = 0xD2;

        ImageDecoder.Decode(file, ImageLimits.Default, out _).ShouldBe(ImageProblem.Damaged);
    }

    [Fact]
    public void A_photo_is_turned_upright()
    {
        byte[] file = Encode(900, 500, SKColorType.Rgba8888, SKJpegEncoderDownsample.Downsample420, quality: 90);
        for (int orientation = 1; orientation <= 8; orientation++)
        {
            ShouldDecodeAsBySkia(PictureFiles.WithOrientation(file, orientation));
        }
    }

    [Fact]
    public void A_damaged_photo_is_rejected_wherever_Skia_rejects_it()
    {
        var random = new Random(Seed);
        int refused = 0;
        foreach (SKColorType type in new[] { SKColorType.Rgba8888, SKColorType.Gray8 })
        {
            byte[] whole = Encode(820, 100, type, SKJpegEncoderDownsample.Downsample420, quality: 80);
            for (int i = 0; i < Mutants; i++)
            {
                byte[] file = i % 3 == 0 ? whole[..random.Next(4, whole.Length)] : [.. whole];
                for (int flips = random.Next(3); flips >= 0; flips--)
                {
                    // Half of them among the tables, behind the signature.
                    file[random.Next(3, i % 2 == 0 ? Math.Min(file.Length, 700) : file.Length)] ^=
                        (byte)(1 << random.Next(8));
                }

                ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
                using GrayImage? bySkia = SkiaOracle.Decode(file);
                using (image)
                {
                    // Skia fills what is missing before a marker, and goes on behind codes that do not exist.
                    (image is null || bySkia is not null).ShouldBeTrue($"mutant {i} of {type}");
                    refused += image is null ? 1 : 0;
                }
            }
        }

        refused.ShouldBeInRange(Mutants / 2, Mutants * 3 / 2); // of two times as many
    }

    private static byte[] Encode(
        int width, int height, SKColorType type, SKJpegEncoderDownsample downsample, int quality)
    {
        // Paper in uneven light, grainy, with strokes; muted colors, none of which ends outside of 0 to 255.
        var random = new Random(Seed);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, type, SKAlphaType.Opaque));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int level = 130 + (40 * x / width) + (30 * y / height)
                    + random.Next(-8, 9) - (((x / 40) + (y / 30)) % 5 == 0 ? 70 : 0);
                int tint = (x / 64 % 3) - 1;
                bitmap.SetPixel(x, y, new SKColor((byte)(level + (6 * tint)), (byte)level, (byte)(level - (9 * tint))));
            }
        }

        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData data =
            pixmap.Encode(new SKJpegEncoderOptions(quality, downsample, SKJpegEncoderAlphaOption.Ignore))!;
        return data.ToArray();
    }

    private static void ShouldDecodeAsBySkia(byte[] file)
    {
        ImageHeader.Read(file).IsBaselineJpeg.ShouldBeTrue();
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image).ShouldBe(ImageProblem.None);
        using GrayImage? expected = SkiaOracle.Decode(file);
        using (image)
        {
            (image!.Width, image.Height).ShouldBe((expected!.Width, expected.Height));
            int most = 0;
            for (int i = 0; i < image.Pixels.Length; i++)
            {
                most = Math.Max(most, Math.Abs(image.Pixels[i] - expected.Pixels[i]));
            }

            most.ShouldBeLessThanOrEqualTo(Tolerance);
        }
    }
}
