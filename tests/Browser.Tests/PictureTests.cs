using System.Buffers.Binary;
using Microsoft.Playwright;
using MnistLstm.Api.Models;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;
using SkiaSharp;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class PictureTests(Site site)
{
    /// <summary>The digit that every service reads to itself before it is ready, in MNIST's form.</summary>
    private static readonly byte[] Sample =
        GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);

    [Fact]
    public Task A_file_that_is_chosen_is_read() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.Picture.SetInputFilesAsync(File("sample.png", "image/png", Sample));

        await page.ShouldReadAsync(GoldenSample.Digit);
        // In MNIST's form already: the network sees it as it came.
        string input = (await page.Seen.GetAttributeAsync("src"))!.Split(',')[1];
        ImageDecoder.Decode(Convert.FromBase64String(input), ImageLimits.Default, out GrayImage? seen)
            .ShouldBe(ImageProblem.None);
        seen!.Pixels.ToArray().ShouldBe(GoldenSample.Pixels);
    });

    [Fact]
    public Task The_same_file_can_be_chosen_twice() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.Picture.SetInputFilesAsync(File("sample.png", "image/png", Sample));
        await page.ShouldReadAsync(GoldenSample.Digit);
        await page.Clear.ClickAsync();
        await page.ShouldBeEmptyAsync();

        await page.Picture.SetInputFilesAsync(File("sample.png", "image/png", Sample));

        await page.ShouldReadAsync(GoldenSample.Digit);
    });

    [Fact]
    public Task A_file_that_is_dropped_is_read() => site.VisitAsync(Visit.Default, async page =>
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.png");
        await System.IO.File.WriteAllBytesAsync(file, Sample);
        try
        {
            await page.DropAsync(page.Paper, new Dictionary<string, object>
            {
                ["items"] = Array.Empty<object>(),
                ["files"] = new[] { file },
            });

            await page.ShouldReadAsync(GoldenSample.Digit);
        }
        finally
        {
            System.IO.File.Delete(file);
        }
    });

    [Fact]
    public Task Dropped_text_is_rejected_with_a_sentence() => site.VisitAsync(Visit.Default, async page =>
    {
        var text = new Dictionary<string, object> { ["mimeType"] = "text/plain", ["data"] = "7" };
        await page.DropAsync(page.Paper, new Dictionary<string, object> { ["items"] = new[] { text } });

        await Expect(page.Notice)
            .ToHaveTextAsync("What you dropped is not a file. Save the picture first, then drop its file here.");
        await page.DrawAsync(1);
        await Expect(page.Notice).ToHaveCountAsync(0);
    });

    [Fact]
    public Task A_picture_that_is_pasted_is_read() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.Page.EvaluateAsync(
            """
            async base64 => {
              const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
              const picture = new Blob([bytes], { type: "image/png" });
              await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
            }
            """,
            Convert.ToBase64String(Sample));

        await page.Page.Keyboard.PressAsync("Control+v");

        await page.ShouldReadAsync(GoldenSample.Digit);
    });

    [Fact]
    public Task Pasted_text_is_rejected_with_a_sentence() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.Page.EvaluateAsync("() => navigator.clipboard.writeText('7')");

        await page.Page.Keyboard.PressAsync("Control+v");

        await Expect(page.Notice)
            .ToHaveTextAsync("There is no picture on the clipboard. Copy a picture, then paste it here.");
    });

    [Fact]
    public Task A_drawing_can_continue_over_a_picture() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.Picture.SetInputFilesAsync(File("one.png", "image/png", Handwritten(1)));
        await page.ShouldReadAsync(1);

        await page.StrokeAsync((28, 20), (57, 14));
        await page.StrokeAsync((30, 86), (66, 86));
        await page.SettleAsync();
        await page.Undo.ClickAsync();
        await page.Undo.ClickAsync();

        await page.ShouldReadAsync(1);
    });

    [Fact]
    public Task A_file_that_is_not_a_picture_gets_the_service_s_sentence() =>
        site.VisitAsync(Visit.Default with { ExpectedComplaint = Visit.FailedRequest }, async page =>
        {
            await page.Picture.SetInputFilesAsync(File("notes.png", "image/png", "This is no picture."u8.ToArray()));

            await Expect(page.Answer).ToHaveAttributeAsync("data-state", "problem");
            await Expect(page.Words).ToContainTextAsync("Send the picture as PNG, JPEG, WebP, GIF or BMP.");
            await Expect(page.Announcement).ToContainTextAsync("Send the picture as PNG, JPEG, WebP, GIF or BMP.");
            await Expect(page.Page.GetByText("notes.png")).ToBeVisibleAsync();
            await Expect(page.Play).ToBeDisabledAsync();
            await page.Clear.ClickAsync();
            await page.ShouldBeEmptyAsync();
        });

    [Fact]
    public Task A_blank_picture_gets_the_service_s_sentence() =>
        site.VisitAsync(Visit.Default with { ExpectedComplaint = Visit.FailedRequest }, async page =>
        {
            byte[] blank = Pictures.GrayPng(Enumerable.Repeat((byte)255, 100 * 100).ToArray(), 100, 100);
            await page.Picture.SetInputFilesAsync(File("blank.png", "image/png", blank));

            await Expect(page.Answer).ToHaveAttributeAsync("data-state", "problem");
            await Expect(page.Words).ToContainTextAsync("The picture is blank.");
            await page.DrawAsync(7);
            await page.ShouldReadAsync(7);
        });

    [Fact]
    public Task A_picture_that_only_the_browser_can_decode_is_sent_as_one_that_the_service_reads() =>
        site.VisitAsync(Visit.Default, async page =>
        {
            await page.Picture.SetInputFilesAsync(File("seven.ico", "image/x-icon", Icon(Handwritten(7))));

            await page.ShouldReadAsync(7);
        });

    [Fact]
    public Task A_file_that_is_deleted_while_it_is_on_the_paper_can_be_read_again() =>
        site.VisitAsync(Visit.Default, async page =>
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.png");
        await System.IO.File.WriteAllBytesAsync(file, Handwritten(7));
        await page.Picture.SetInputFilesAsync(file);
        await page.ShouldReadAsync(7);

        System.IO.File.Delete(file);
        await page.Page.GetByText("seed", new() { Exact = true }).ClickAsync();

        await Expect(page.Page.Locator("#curl")).ToContainTextAsync("model=seed");
        await page.SettleAsync();
        await Expect(page.Seen).ToBeVisibleAsync();
        await Expect(page.Notice).ToHaveCountAsync(0);
    });

    [Fact]
    public Task A_folder_that_is_dropped_is_rejected_with_a_sentence_and_the_drawing_stays() =>
        site.VisitAsync(Visit.Default, async page =>
    {
        string folder = Directory.CreateTempSubdirectory("pictures-").FullName;
        try
        {
            await page.DrawAsync(7);
            await page.ShouldReadAsync(7);

            await page.DropAsync(page.Paper, new Dictionary<string, object>
            {
                ["items"] = Array.Empty<object>(),
                ["files"] = new[] { folder },
            });

            await Expect(page.Notice).ToContainTextAsync($"The browser cannot read “{Path.GetFileName(folder)}”.");
            await page.ShouldReadAsync(7);
        }
        finally
        {
            Directory.Delete(folder);
        }
    });

    [Fact]
    public Task A_drawing_can_be_saved_and_is_read_the_same() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(5);
        await page.ShouldReadAsync(5);
        string[] drawn = await page.PercentagesAsync();

        IDownload download = await page.Page.RunAndWaitForDownloadAsync(
            () => page.Button("Save your picture as digit.png").ClickAsync());
        download.SuggestedFilename.ShouldBe("digit.png");
        await page.Clear.ClickAsync();
        await page.Picture.SetInputFilesAsync(await download.PathAsync());

        await page.ShouldReadAsync(5);
        (await page.PercentagesAsync()).ShouldBe(drawn);
    });

    /// <summary>A digit as a hand writes it, on a white sheet.</summary>
    internal static byte[] Handwritten(int digit, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        const int Side = 256;
        using var bitmap = new SKBitmap(Side, Side);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        using var pen = new SKPaint
        {
            Style = SKPaintStyle.Stroke,
            StrokeWidth = Side / 16f,
            StrokeCap = SKStrokeCap.Round,
            StrokeJoin = SKStrokeJoin.Round,
            IsAntialias = true,
        };
        foreach (IReadOnlyList<(float X, float Y)> stroke in Handwriting.Strokes(digit))
        {
            canvas.DrawPoints(SKPointMode.Polygon,
                [.. stroke.Select(point => new SKPoint(point.X * Side / 100, point.Y * Side / 100))], pen);
        }

        using SKData data = bitmap.Encode(format, quality: 90);
        return data.ToArray();
    }

    /// <summary>An icon file that holds one PNG picture.</summary>
    private static byte[] Icon(byte[] png)
    {
        const int Header = 22;
        byte[] start = new byte[Header];
        (start[2], start[4], start[10], start[12]) = (1, 1, 1, 32);
        BinaryPrimitives.WriteInt32LittleEndian(start.AsSpan(14), png.Length);
        BinaryPrimitives.WriteInt32LittleEndian(start.AsSpan(18), Header);
        return [.. start, .. png];
    }

    internal static FilePayload File(string name, string mimeType, byte[] content) =>
        new() { Name = name, MimeType = mimeType, Buffer = content };
}
