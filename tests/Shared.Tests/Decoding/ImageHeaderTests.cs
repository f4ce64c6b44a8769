using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Shared.Tests.Decoding;

/// <summary>Whether a small file would take the decoder much time or memory is known before it is decoded.</summary>
public sealed class ImageHeaderTests
{
    private const int Side = 32;

    /// <summary>The files of these tests have fewer segments of their own.</summary>
    private const int Own = 20;

    private static readonly byte[] Gray = new byte[Side * Side];

    [Theory]
    [InlineData("jpeg")]
    [InlineData("jpeg with bytes between its segments")]
    [InlineData("jpeg with fill bytes")]
    [InlineData("progressive jpeg, behind its scan")]
    [InlineData("webp")]
    [InlineData("png tEXt")]
    [InlineData("png eXIf")]
    public void A_picture_may_have_two_thousand_segments_of_metadata_and_no_more(string kind)
    {
        Problem(WithSegments(kind, ImageHeader.MaxSegments - Own)).ShouldBe(ImageProblem.None);
        Problem(WithSegments(kind, ImageHeader.MaxSegments + 1)).ShouldBe(ImageProblem.TooManySegments);
    }

    [Fact]
    public void A_PNG_may_have_any_number_of_data_chunks()
    {
        byte[] png = WithSegments("png IDAT", 2 * ImageHeader.MaxSegments);

        ImageHeader.Read(png).Problem.ShouldBe(ImageProblem.None);
    }

    [Fact]
    public void A_JPEG_may_have_sixty_four_scans_and_no_more()
    {
        Problem(WithScans(ImageHeader.MaxScans)).ShouldBe(ImageProblem.None);
        Problem(WithScans(ImageHeader.MaxScans + 1)).ShouldBe(ImageProblem.TooManyScans);
    }

    [Fact]
    public void A_baseline_JPEG_whose_components_have_a_scan_each_is_counted_as_a_progressive_one()
    {
        byte[] jpeg = PictureFiles.CmykJpeg(4, 2, (_, _) => default);
        ImageHeader.Read(jpeg).DecodingBytes.ShouldBe(4 * 32 * 16);
        int scan = jpeg.AsSpan().LastIndexOf<byte>([0xFF, 0xDA]);
        byte[] first = [.. jpeg[..scan], 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0, 0xFF, 0xD9];

        ImageHeader header = ImageHeader.Read(first);

        header.IsBaselineJpeg.ShouldBeFalse();
        header.DecodingBytes.ShouldBe((4 + (4 * sizeof(short))) * 32 * 16);
    }

    [Theory]
    [InlineData(1, Side * Side * (4 + sizeof(short)))]
    [InlineData(3, Side * Side * (4 + (3 * sizeof(short))))]
    public void A_progressive_JPEG_takes_its_pixels_and_two_bytes_for_each_coefficient_of_each_component(
        int components, long bytes)
    {
        byte[] jpeg = PictureFiles.ProgressiveJpeg(Side / 8, Side / 8, (_, _) => 200, components);

        ImageHeader.Read(jpeg).DecodingBytes.ShouldBe(bytes);
    }

    [Fact]
    public void Components_of_half_the_size_take_a_quarter_of_the_memory_and_MCUs_are_whole()
    {
        byte[] jpeg = PictureFiles.ProgressiveJpeg(3, 1, (_, _) => 200, components: 3);
        jpeg[jpeg.AsSpan().IndexOf<byte>([0xFF, 0xC2]) + 11] = 0x22;

        // Two MCUs of 16x16 with 4 + 1 + 1 blocks each.
        ImageHeader.Read(jpeg).DecodingBytes.ShouldBe((4 * 24 * 8) + (2 * 6 * 64 * sizeof(short)));
    }

    [Theory]
    [InlineData(8, 0, false, 0)]
    [InlineData(8, 0, true, 1)]
    [InlineData(16, 2, false, 0)]
    [InlineData(8, 2, true, 4)]
    [InlineData(16, 6, true, 4)]
    public void A_PNG_is_decoded_by_rows_and_takes_memory_for_its_pixels_where_it_is_interlaced(
        int bitDepth, int colorType, bool isInterlaced, int bytesPerPixel)
    {
        byte[] png = PictureFiles.Png(Side, Side, bitDepth, colorType, [[0]]);
        png[28] = (byte)(isInterlaced ? 1 : 0);
        PictureFiles.RenewHeaderChecksum(png);

        ImageHeader.Read(png).DecodingBytes.ShouldBe(Side * Side * bytesPerPixel);
    }

    [Fact]
    public void A_GIF_whose_frame_is_larger_than_its_canvas_is_damaged()
    {
        byte[] gif = PictureFiles.Gif(Side, Side, Gray);
        gif[6] = Side / 2;

        Problem(gif).ShouldBe(ImageProblem.Damaged);
    }

    private static byte[] WithSegments(string kind, int count)
    {
        byte[] jpeg = Pictures.Encode(Gray, Side, Side, SKEncodedImageFormat.Jpeg, quality: 90);
        byte[] progressive = PictureFiles.ProgressiveJpeg(Side / 8, Side / 8, (_, _) => 200);
        byte[] webP = PictureFiles.WithOrientation(
            Pictures.Encode(Gray, Side, Side, SKEncodedImageFormat.Webp, quality: 90), Side, Side, orientation: 1);
        byte[] file = kind switch
        {
            "jpeg" => [0xFF, 0xD8, .. Repeat([0xFF, 0xE1, 0, 2], count), .. jpeg[2..]],
            "jpeg with bytes between its segments" =>
                [0xFF, 0xD8, .. Repeat([0xFF, 0xE1, 0, 2, 7], count), .. jpeg[2..]],
            "jpeg with fill bytes" => [0xFF, 0xD8, .. Repeat([0xFF, 0xFF, 0xFF, 0xE1, 0, 2], count), .. jpeg[2..]],
            "progressive jpeg, behind its scan" =>
                [.. progressive[..^2], .. Repeat([0xFF, 0xE1, 0, 2], count), 0xFF, 0xD9],
            "webp" => [.. webP, .. Repeat([.. "abcd"u8, 0, 0, 0, 0], count)],
            _ => PictureFiles.Png(
                Side,
                Side,
                bitDepth: 8,
                colorType: 0,
                [.. Gray.Chunk(Side)],
                [.. Enumerable.Repeat((kind[4..], Array.Empty<byte>()), count)]),
        };
        if (kind == "webp")
        {
            BitConverter.TryWriteBytes(file.AsSpan(4), file.Length - 8);
        }

        return file;
    }

    /// <summary>The first scan has the first coefficients, each of the others says that the rest are 0.</summary>
    private static byte[] WithScans(int count)
    {
        byte[] first = PictureFiles.ProgressiveJpeg(Side / 8, Side / 8, (_, _) => 200);
        byte[] other = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0, .. new byte[2]];
        return [.. first[..^2], .. Repeat(other, count - 1), 0xFF, 0xD9];
    }

    private static byte[] Repeat(byte[] bytes, int count) => [.. Enumerable.Repeat(bytes, count).SelectMany(b => b)];

    private static ImageProblem Problem(byte[] file)
    {
        ImageProblem problem = ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
        image?.Dispose();
        return problem;
    }
}
