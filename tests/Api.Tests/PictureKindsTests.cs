using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json;
using MnistLstm.Api.Models;
using SkiaSharp;

namespace MnistLstm.Api.Tests;

/// <summary>
/// Pictures as people send them, over HTTP: read, or refused in a sentence that says what was received.
/// </summary>
public sealed class PictureKindsTests(SharedService shared) : IClassFixture<SharedService>
{
    private const int Side = 140;

    private static readonly byte[] Coverage = Pictures.Canvas(
        GoldenSample.Pixels, Side, Side, SKRect.Create(0, 0, Side, Side), paper: 0, ink: 255);

    [Theory]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0mif1heic", "This is a HEIC picture.")]
    [InlineData("\0\0\0\u0018ftypavif\0\0\0\0avifmif1", "This is an AVIF picture.")]
    [InlineData("II*\0\u0008\0\0\0", "This is a TIFF picture.")]
    [InlineData("<?xml version='1.0'?><svg "
        + "xmlns='http://www.w3.org/2000/svg'/>", "This is an SVG picture.")]
    [InlineData("%PDF-1.7\n", "This is a PDF document.")]
    [InlineData("hello", "The format of the file is unknown.")]
    public async Task A_format_that_is_not_supported_is_named_with_the_supported_ones(string content, string sentence)
    {
        using HttpResponseMessage response =
            await shared.Client.PostAsync("/predict", Requests.Raw(Encoding.Latin1.GetBytes(content), "image/jpeg"));

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        await ShouldSayAsync(response, "not-an-image", $"{sentence} Send the picture as PNG, JPEG, WebP, GIF or BMP.");
    }

    /// <summary>The pictures of phones' sensors of 50 and 200 megapixels.</summary>
    [Theory]
    [InlineData(8160, 6144)]
    [InlineData(16_320, 12_240)]
    public async Task A_phone_s_largest_photo_is_read(int width, int height)
    {
        int side = height / 2;
        byte[] photo = Encode(
            Pictures.Canvas(GoldenSample.Pixels, width, height, SKRect.Create(side, side / 2, side, side)),
            width,
            height);

        await ShouldBeReadAsync(photo);
    }

    [Fact]
    public async Task A_picture_beyond_the_limit_is_rejected_with_its_size_and_the_limit()
    {
        byte[] progressive = Encode(Coverage, Side, Side);
        int frame = progressive.AsSpan().IndexOf<byte>([0xFF, 0xC0]);
        progressive[frame + 1] = 0xC2;
        BinaryPrimitives.WriteUInt16BigEndian(progressive.AsSpan(frame + 5), 9000);
        BinaryPrimitives.WriteUInt16BigEndian(progressive.AsSpan(frame + 7), 10_000);

        using HttpResponseMessage response = await shared.Client.PostAsync("/predict", Requests.Raw(progressive));

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        await ShouldSayAsync(
            response,
            "too-many-pixels",
            "The picture is 10000 x 9000 = 90000000 pixels; the limit is 201326592 for a baseline JPEG, "
                + "50331648 for other pictures. Send a smaller picture.");
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 6)]
    [InlineData(true, 8)]
    public async Task The_orientation_in_a_PNG_s_eXIf_chunk_is_corrected(bool isAfterPixels, int orientation)
    {
        // Position of pixel (x, y) of the upright picture in the stored one.
        int Stored(int x, int y) => orientation switch
        {
            3 => ((Side - 1 - y) * Side) + Side - 1 - x,
            6 => ((Side - 1 - x) * Side) + y,
            _ => (x * Side) + Side - 1 - y,
        };
        byte[] stored = new byte[Side * Side];
        for (int i = 0; i < stored.Length; i++)
        {
            stored[Stored(i % Side, i / Side)] = Coverage[i];
        }

        (string, byte[])[] exif = [("eXIf", PictureFiles.Exif(orientation))];
        byte[] png = PictureFiles.Png(
            Side, Side, bitDepth: 8, colorType: 0, [.. stored.Chunk(Side)], isAfterPixels ? [] : exif,
            isAfterPixels ? exif : []);

        await ShouldBeReadAsync(png);
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 9)]
    [InlineData(16, 1)]
    [InlineData(16, 255)]
    public async Task Values_of_an_unusual_range_are_read(int bitDepth, int most)
    {
        byte[][] rows = PictureFiles.Rows(28, 28, (x, y) =>
        {
            byte value = (byte)Math.Round(GoldenSample.Pixels[(y * 28) + x] * most / 255.0);
            return bitDepth == 8 ? [value] : [0, value];
        });

        await ShouldBeReadAsync(PictureFiles.Png(28, 28, bitDepth, colorType: 0, rows));
    }

    [Theory]
    [InlineData(140)]
    [InlineData(1400)]
    public async Task A_JPEG_without_its_end_marker_is_read_and_one_with_truncated_data_is_not(int side)
    {
        byte[] jpeg = Encode(
            Pictures.Canvas(GoldenSample.Pixels, side, side, SKRect.Create(0, 0, side, side)), side, side);

        await ShouldBeReadAsync(jpeg[..^2]);
        await ShouldBeReadAsync([.. jpeg, .. new byte[100]]);
        using HttpResponseMessage cut = await shared.Client.PostAsync(
            "/predict", Requests.Raw(jpeg[..(jpeg.Length * 3 / 4)]));
        await ShouldSayAsync(
            cut, "damaged-image",
            "The picture is damaged, cut off or empty. Open it in a picture viewer, save it again and send that file.");
    }

    [Fact]
    public async Task A_picture_with_too_many_segments_or_scans_is_rejected()
    {
        byte[] jpeg = PictureFiles.ProgressiveJpeg(4, 4, (_, _) => 200);
        byte[] segments = [.. Enumerable.Repeat<byte[]>([0xFF, 0xE1, 0, 2], 3000).SelectMany(bytes => bytes)];
        byte[] scans =
            [.. Enumerable.Repeat<byte[]>([0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0, 0, 0], 200).SelectMany(bytes => bytes)];
        const string Advice = "Open it in a picture viewer, save it again and send that file.";

        using HttpResponseMessage metadata =
            await shared.Client.PostAsync(
                "/predict", Requests.Raw([0xFF, 0xD8, .. segments, .. jpeg[2..]], "image/jpeg"));
        using HttpResponseMessage progressive =
            await shared.Client.PostAsync(
                "/predict", Requests.Raw([.. jpeg[..^2], .. scans, 0xFF, 0xD9], "image/jpeg"));

        await ShouldSayAsync(metadata, "damaged-image",
            $"The picture has more than 2048 segments of metadata or frames. {Advice}");
        await ShouldSayAsync(progressive, "damaged-image", $"The JPEG has more than 64 scans. {Advice}");
    }

    public static TheoryData<string, string> SameLuma
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string colors in new[] { "red on green", "green on red", "magenta on gray", "blue on dark gray" })
            {
                foreach (string format in new[] { "PNG", "JPEG", "WebP", "GIF", "BMP" })
                {
                    data.Add(colors, format);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(SameLuma))]
    public async Task Ink_and_paper_of_the_same_luma_differ_by_color(string colors, string format)
    {
        (SKColor ink, SKColor paper) = colors switch
        {
            "red on green" => (new SKColor(255, 0, 0), new SKColor(0, 130, 0)),
            "green on red" => (new SKColor(0, 130, 0), new SKColor(255, 0, 0)),
            "magenta on gray" => (new SKColor(200, 0, 200), new SKColor(83, 83, 83)),
            _ => (new SKColor(0, 0, 255), new SKColor(29, 29, 29)),
        };
        (byte R, byte G, byte B) Mixed(int coverage) =>
            (Mix(paper.Red, ink.Red, coverage), Mix(
                paper.Green, ink.Green, coverage), Mix(paper.Blue, ink.Blue, coverage));

        byte[] file = format switch
        {
            "GIF" =>
                PictureFiles.Gif(Side, Side, i => Mixed(2 * i), [.. Coverage.Select(coverage => (byte)(coverage / 2))]),
            "BMP" => PictureFiles.Bmp(Side, Side, (x, y) => Mixed(Coverage[(y * Side) + x])),
            _ => Pictures.EncodeColors(
                Side, Side, (x, y) => Mixed(
                    Coverage[(y * Side) + x]), Enum.Parse<SKEncodedImageFormat>(format, ignoreCase: true), quality: 75),
        };

        await ShouldBeReadAsync(file);

        static byte Mix(byte paper, byte ink, int coverage) => (byte)(paper + ((ink - paper) * coverage / 255));
    }

    [Theory]
    [InlineData(200, 40, 40)]
    [InlineData(255, 255, 255)]
    public async Task A_picture_of_one_color_stays_blank(byte red, byte green, byte blue)
    {
        using HttpResponseMessage response =
            await shared.Client.PostAsync(
                "/predict", Requests.Raw(PictureFiles.Bmp(Side, Side, (_, _) => (red, green, blue))));

        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await response.ReadJsonAsync()).GetProperty("type").GetString().ShouldBe("/problems/no-ink");
    }

    private async Task ShouldBeReadAsync(byte[] file)
    {
        (await shared.Client.PredictAsync(Requests.Raw(file))).Digit.ShouldBe(GoldenSample.Digit);
        using HttpResponseMessage all = await shared.Client.PostAsync("/predict/digits", Requests.Raw(file));
        (await all.ReadJsonAsync()).GetProperty("text").GetString().ShouldBe($"{GoldenSample.Digit}");
    }

    private static async Task ShouldSayAsync(HttpResponseMessage response, string type, string detail)
    {
        JsonElement problem = await response.ReadJsonAsync();
        problem.GetProperty("type").GetString().ShouldBe($"/problems/{type}");
        problem.GetProperty("detail").GetString().ShouldBe(detail);
    }

    private static byte[] Encode(byte[] gray, int width, int height) =>
        Pictures.Encode(gray, width, height, SKEncodedImageFormat.Jpeg, quality: 85);
}
