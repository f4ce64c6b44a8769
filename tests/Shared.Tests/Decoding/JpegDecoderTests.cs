using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Decoding.Jpeg;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Decoding;

/// <summary>Our own decoder of large photos gives what the image library gives, but for rounding.</summary>
public sealed class JpegDecoderTests
{
    /// <summary>The library rounds in whole numbers, three times more for a picture in colour.</summary>
    private const int Tolerance = 3;

    private const int Seed = 1024;
    private const int Mutants = 45;

    [Theory]
    [InlineData(800, 70, 2)]
    [InlineData(803, 17, 2)]
    [InlineData(11, 1599, 2)]
    [InlineData(1601, 33, 4)]
    [InlineData(40, 3207, 8)]
    [InlineData(8201, 9, 8)]
    public void A_photo_of_any_size_is_decoded_as_by_the_library(int width, int height, int divisor)
    {
        foreach (int quality in new[] { 30, 95 })
        {
            foreach (SKJpegEncoderDownsample downsample in Enum.GetValues<SKJpegEncoderDownsample>())
            {
                byte[] color = Encode(width, height, SKColorType.Rgba8888, downsample, quality);
                byte[] gray = Encode(width, height, SKColorType.Gray8, downsample, quality);

                ShouldBeDecodedHere(color, width, height, divisor);
                ShouldBeDecodedHere(gray, width, height, divisor);
                ShouldDecodeAsByLibrary(color);
                ShouldDecodeAsByLibrary(gray);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1000)]
    public void A_photo_with_restart_markers_is_decoded_as_by_the_library(int interval)
    {
        const int BlocksWide = 66;
        const int BlocksHigh = 5;
        byte[] file = PictureFiles.GrayJpeg(BlocksWide, BlocksHigh, interval, (x, y) => (byte)((x * 37) + (y * 11)));

        ShouldBeDecodedHere(file, 8 * BlocksWide, 8 * BlocksHigh, divisor: 2);
        ShouldDecodeAsByLibrary(file);
    }

    [Fact]
    public void A_restart_marker_in_the_wrong_place_is_left_to_the_library()
    {
        byte[] file = PictureFiles.GrayJpeg(66, 5, restartInterval: 50, (x, y) => (byte)(x * 3));
        int second = file.AsSpan().IndexOf<byte>([0xFF, 0xD1]);
        file[second + 1] = 0xD2;

        using var rows = new GrayRows(66, 5, factor: 1, hasAlpha: false);
        JpegDecoder.TryDecode(file, divisor: 8, rows).ShouldBeFalse();
    }

    [Fact]
    public void A_photo_is_turned_upright()
    {
        byte[] file = Encode(900, 500, SKColorType.Rgba8888, SKJpegEncoderDownsample.Downsample420, quality: 90);
        for (int orientation = 1; orientation <= 8; orientation++)
        {
            ShouldDecodeAsByLibrary(PictureFiles.WithOrientation(file, orientation));
        }
    }

    [Fact]
    public void A_damaged_photo_is_refused_where_the_library_refuses_it()
    {
        var random = new Random(Seed);
        foreach (SKColorType type in new[] { SKColorType.Rgba8888, SKColorType.Gray8 })
        {
            byte[] whole = Encode(820, 100, type, SKJpegEncoderDownsample.Downsample420, quality: 80);
            for (int i = 0; i < Mutants; i++)
            {
                byte[] file = i % 3 == 0 ? whole[..random.Next(4, whole.Length)] : [.. whole];
                for (int flips = random.Next(3); flips >= 0; flips--)
                {
                    // Half of them among the tables, behind the signature.
                    file[random.Next(3, i % 2 == 0 ? Math.Min(file.Length, 700) : file.Length)] ^= (byte)(1 << random.Next(8));
                }

                ImageProblem expected = ImageDecoder.DecodeByLibrary(
                    file, ImageHeader.Read(file), out GrayImage? byLibrary);
                ImageProblem problem = ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
                using (byLibrary)
                using (image)
                {
                    problem.ShouldBe(expected, $"mutant {i} of {type}");
                    (image?.Width, image?.Height).ShouldBe((byLibrary?.Width, byLibrary?.Height));
                }
            }
        }
    }

    private static byte[] Encode(int width, int height, SKColorType type, SKJpegEncoderDownsample downsample, int quality)
    {
        // Paper in uneven light, grainy, with strokes; muted colours, none of which ends outside of 0 to 255.
        var random = new Random(Seed);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, type, SKAlphaType.Opaque));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int level = 130 + (40 * x / width) + (30 * y / height) + random.Next(-8, 9) - (((x / 40) + (y / 30)) % 5 == 0 ? 70 : 0);
                int tint = (x / 64 % 3) - 1;
                bitmap.SetPixel(x, y, new SKColor((byte)(level + (6 * tint)), (byte)level, (byte)(level - (9 * tint))));
            }
        }

        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData data = pixmap.Encode(new SKJpegEncoderOptions(quality, downsample, SKJpegEncoderAlphaOption.Ignore))!;
        return data.ToArray();
    }

    private static void ShouldBeDecodedHere(byte[] file, int width, int height, int divisor)
    {
        using var rows = new GrayRows((width + divisor - 1) / divisor, (height + divisor - 1) / divisor, factor: 1, hasAlpha: false);
        JpegDecoder.TryDecode(file, divisor, rows).ShouldBeTrue();
    }

    private static void ShouldDecodeAsByLibrary(byte[] file)
    {
        ImageDecoder.DecodeByLibrary(file, ImageHeader.Read(file), out GrayImage? expected).ShouldBe(ImageProblem.None);
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image).ShouldBe(ImageProblem.None);
        using (expected)
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
