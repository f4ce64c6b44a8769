using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>Ink that luma does not show is found in colors and in small values, and only where there is some.</summary>
public sealed class PictureNormalizerTests
{
    private const int Side = 140;
    private const int Seed = 1941;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(15)]
    public void Ink_is_found_in_values_that_do_not_reach_255(byte ink)
    {
        HasInk(Gray((x, y) => IsStroke(x, y) ? ink : (byte)0)).ShouldBeTrue();
        HasInk(Gray((x, y) => IsStroke(x, y) ? (byte)0 : ink)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(2, 0.5)]
    [InlineData(2, 0.02)]
    [InlineData(4, 0.5)]
    [InlineData(14, 0.5)]
    public void Noise_of_small_values_is_blank(int levels, double share)
    {
        var random = new Random(Seed);

        HasInk(Gray((_, _) => random.NextDouble() < share ? (byte)random.Next(levels) : (byte)0)).ShouldBeFalse();
    }

    [Fact]
    public void Colors_are_read_from_a_JPEG_without_its_end_marker()
    {
        byte[] jpeg = Pictures.EncodeColors(Side, Side, RedOnGreen, SKEncodedImageFormat.Jpeg, quality: 90);

        HasInk(jpeg[..^2]).ShouldBeTrue();
    }

    /// <summary>Our own decoder reads them from half and all of the resolution.</summary>
    [Theory]
    [InlineData(SKJpegEncoderDownsample.Downsample420)]
    [InlineData(SKJpegEncoderDownsample.Downsample444)]
    public void Colors_are_read_from_a_large_JPEG(SKJpegEncoderDownsample downsample)
    {
        const int Factor = 8;
        using var bitmap =
            new SKBitmap(new SKImageInfo(Factor * Side, Factor * Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int i = 0; i < bitmap.Width * bitmap.Height; i++)
        {
            (int x, int y) = (i % bitmap.Width, i / bitmap.Width);
            (byte r, byte g, byte b) = RedOnGreen(x / Factor, y / Factor);
            bitmap.SetPixel(x, y, new SKColor(r, g, b));
        }

        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData data = pixmap.Encode(new SKJpegEncoderOptions(90, downsample, SKJpegEncoderAlphaOption.Ignore))!;

        HasInk(data.ToArray()).ShouldBeTrue();
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    public void Colors_are_not_decoded_after_the_work_is_canceled(SKEncodedImageFormat format)
    {
        byte[] file = Pictures.EncodeColors(Side, Side, RedOnGreen, format, quality: 90);
        using GrayImage image = Reader.Decode(file);

        Should.Throw<OperationCanceledException>(() => PictureNormalizer.Propose(
            file, ImageHeader.Read(file), ImageLimits.Default, image, new CancellationToken(canceled: true)).Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Decoding_of_a_JPEG_s_colors_can_be_canceled(int missingAtEnd)
    {
        byte[] file =
            Pictures.EncodeColors(Side, Side, RedOnGreen, SKEncodedImageFormat.Jpeg, quality: 90)[..^missingAtEnd];

        Should.Throw<OperationCanceledException>(() => ImageDecoder.DecodeColors(
            file, ImageHeader.Read(file), ImageLimits.Default, new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    public void One_level_is_blank(byte level) => HasInk(Gray((_, _) => level)).ShouldBeFalse();

    [Theory]
    [InlineData(200, 120, 40)]
    [InlineData(0, 0, 255)]
    public void One_color_is_blank(byte red, byte green, byte blue) =>
        HasInk(PictureFiles.RgbaPng(Side, Side, (_, _) => (red, green, blue, 255))).ShouldBeFalse();

    [Fact]
    public void Noise_of_two_colors_of_the_same_luma_is_blank()
    {
        var random = new Random(Seed);

        HasInk(PictureFiles.RgbaPng(Side, Side, (_, _) =>
            random.Next(2) == 0 ? ((byte)255, (byte)0, (byte)0, (byte)255) : ((byte)0, (byte)130, (byte)0, (byte)255)))
            .ShouldBeFalse();
    }

    [Fact]
    public void Colors_that_change_slowly_are_blank() =>
        HasInk(PictureFiles.RgbaPng(Side, Side, (x, _) => ((byte)(120 + (x / 10)), (byte)(100 - (x / 20)), 110, 255)))
            .ShouldBeFalse();

    [Fact]
    public void Colors_are_not_decoded_if_luma_shows_the_ink()
    {
        // A blue bar, much clearer in color than the gray stroke, but of the paper's luma.
        byte[] both = PictureFiles.RgbaPng(Side, Side, (x, y) =>
            IsStroke(x, y) ? ((byte)0, (byte)0, (byte)0, (byte)255) : x > 120
                ? ((byte)60, (byte)60, (byte)255, (byte)255)
                : ((byte)82, (byte)82, (byte)82, (byte)255));
        byte[] alone = PictureFiles.RgbaPng(Side, Side, (x, y) =>
            IsStroke(x, y) ? ((byte)0, (byte)0, (byte)0, (byte)255) : ((byte)82, (byte)82, (byte)82, (byte)255));

        First(both).ShouldNotBeNull().Pixels.ShouldBe(First(alone).ShouldNotBeNull().Pixels);
    }

    /// <summary>Two colors of the same luma.</summary>
    private static (byte R, byte G, byte B) RedOnGreen(int x, int y) =>
        IsStroke(x, y) ? ((byte)255, (byte)0, (byte)0) : ((byte)0, (byte)130, (byte)0);

    private static bool IsStroke(int x, int y) =>
        (y is > 30 and < 42 && x is > 40 and < 100) || (Math.Abs(x - 95 + ((y - 40) / 2)) < 6 && y is > 35 and < 115);

    private static byte[] Gray(Func<int, int, byte> level) =>
        Pictures.GrayPng([.. Enumerable.Range(0, Side * Side).Select(i => level(i % Side, i / Side))], Side, Side);

    private static bool HasInk(byte[] file) => First(file) is not null;

    private static DigitCandidate? First(byte[] file)
    {
        using GrayImage image = Reader.Decode(file);
        return PictureNormalizer.Propose(file, ImageHeader.Read(file), ImageLimits.Default, image).FirstOrDefault();
    }
}
