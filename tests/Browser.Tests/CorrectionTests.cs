using System.IO.Compression;
using Microsoft.Playwright;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

/// <summary>"That's wrong": what a person corrects can be taken to the trainer.</summary>
public sealed class CorrectionTests(Site site)
{
    private static readonly Visit WithoutStorage = Visit.Default with
    {
        InitScript =
            "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError'); } });",
    };

    [Fact]
    public Task A_corrected_picture_is_downloaded_with_its_label() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(1);
        await page.ShouldReadAsync(1);
        await page.CorrectAsync(7);
        await Expect(page.Kept).ToContainTextAsync("Kept as a 7. 1 corrected picture is in this browser.");
        await page.Clear.ClickAsync();
        await page.Picture.SetInputFilesAsync(PictureTests.File("two.jpg", "image/jpeg",
            PictureTests.Handwritten(2, SkiaSharp.SKEncodedImageFormat.Jpeg)));
        await page.ShouldReadAsync(2);
        await page.CorrectAsync(3);
        await Expect(page.Kept).ToContainTextAsync("2 corrected pictures are in this browser.");

        using ZipArchive archive = await DownloadAsync(page);

        archive.Entries.Select(entry => entry.FullName).ShouldBe(["labels.csv", "0001-7.png", "0002-3.jpg"]);
        Read(archive, "labels.csv").ShouldBe("file,label\r\n0001-7.png,7\r\n0002-3.jpg,3\r\n"u8.ToArray());
        ImageDecoder.Decode(Read(archive, "0001-7.png"), ImageLimits.Default, out GrayImage? drawn)
            .ShouldBe(ImageProblem.None);
        drawn!.Pixels.ToArray().ShouldContain((byte)0);
        Read(archive, "0002-3.jpg").ShouldBe(PictureTests.Handwritten(2, SkiaSharp.SKEncodedImageFormat.Jpeg));
    });

    [Fact]
    public Task A_second_correction_replaces_the_first_and_a_new_stroke_makes_another_picture() => site.VisitAsync(
        Visit.Default, async page =>
    {
        await page.DrawAsync(1);
        await page.ShouldReadAsync(1);
        await page.CorrectAsync(7);
        await page.CorrectAsync(2);
        await Expect(page.Kept).ToContainTextAsync("Kept as a 2. 1 corrected picture is in this browser.");

        await page.StrokeAsync((40, 85), (60, 85));
        await page.SettleAsync();
        await page.CorrectAsync(4);

        await Expect(page.Kept).ToContainTextAsync("Kept as a 4. 2 corrected pictures are in this browser.");
    });

    [Fact]
    public Task A_picture_that_follows_while_one_is_being_stored_is_another_one() => site.VisitAsync(
        Visit.Default, async page =>
    {
        await page.DrawAsync(1);
        await page.ShouldReadAsync(1);
        await page.Wrong.ClickAsync();
        await page.Page.EvaluateAsync(
            "() => { document.querySelector('#right-digit button').click(); "
            + "document.getElementById('clear').click(); }");
        await Expect(page.Kept).ToContainTextAsync("Kept as a 0. 1 corrected picture is in this browser.");

        await page.DrawAsync(1);
        await page.ShouldReadAsync(1);
        await page.CorrectAsync(7);

        await Expect(page.Kept).ToContainTextAsync("Kept as a 7. 2 corrected pictures are in this browser.");
    });

    [Fact]
    public Task A_picture_that_is_being_stored_is_forgotten_too() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(1);
        await page.ShouldReadAsync(1);
        await page.Wrong.ClickAsync();
        await page.Page.EvaluateAsync(
            "() => { document.querySelector('#right-digit button').click(); "
            + "document.getElementById('forget-kept').click(); }");
        await Expect(page.Announcement).ToHaveTextAsync("The corrected pictures are forgotten.");

        await page.Page.ReloadAsync();
        await Expect(page.Wrong).ToBeDisabledAsync();
        await Expect(page.Kept).ToBeHiddenAsync();
    });

    [Fact]
    public Task Two_tabs_do_not_overwrite_each_other_s_pictures() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(1);
        await page.ShouldReadAsync(1);
        await page.CorrectAsync(7);
        await Expect(page.Kept).ToContainTextAsync("1 corrected picture is in this browser.");
        var other = new DrawingPage(await page.Page.Context.NewPageAsync());
        await other.Page.GotoAsync(page.Page.Url);
        await other.Button("forget them").ClickAsync();
        await other.DrawAsync(1);
        await other.ShouldReadAsync(1);
        await other.CorrectAsync(2);
        await Expect(other.Kept).ToContainTextAsync("Kept as a 2. 1 corrected picture is in this browser.");

        await page.CorrectAsync(4);

        await Expect(page.Kept).ToContainTextAsync("Kept as a 4. 2 corrected pictures are in this browser.");
    });

    [Fact]
    public Task Corrected_pictures_outlast_the_page_until_they_are_forgotten() => site.VisitAsync(
        Visit.Default, async page =>
    {
        await Expect(page.Kept).ToBeHiddenAsync();
        await page.DrawAsync(1);
        await page.ShouldReadAsync(1);
        await page.CorrectAsync(7);
        await Expect(page.Kept).ToBeVisibleAsync();

        await page.Page.ReloadAsync();
        await Expect(page.Kept).ToContainTextAsync("1 corrected picture is in this browser.");
        await page.Button("forget them").ClickAsync();
        await Expect(page.Kept).ToBeHiddenAsync();
        await page.Page.ReloadAsync();
        await Expect(page.Wrong).ToBeDisabledAsync();
        await Expect(page.Kept).ToBeHiddenAsync();
    });

    [Fact]
    public Task Everything_can_be_done_by_keyboard() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(1);
        await page.ShouldReadAsync(1);

        await page.Wrong.FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.RightDigit(0)).ToBeFocusedAsync();
        await Expect(page.Wrong).ToHaveAttributeAsync("aria-expanded", "true");
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Wrong).ToBeFocusedAsync();
        await Expect(page.RightDigit(0)).ToBeHiddenAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Page.Keyboard.PressAsync("7");

        await Expect(page.Kept).ToContainTextAsync("Kept as a 7.");
        await Expect(page.Announcement).ToHaveTextAsync("Kept as a 7. 1 corrected picture is in this browser.");
        await Expect(page.Wrong).ToBeFocusedAsync();
    });

    [Fact]
    public Task Without_an_answer_nothing_can_be_corrected() =>
        site.VisitAsync(Visit.Default with { ExpectedComplaint = Visit.FailedRequest }, async page =>
        {
            await Expect(page.Wrong).ToBeDisabledAsync();
            await page.DrawAsync(1);
            await page.ShouldReadAsync(1);
            await page.Wrong.ClickAsync();
            await page.Clear.ClickAsync();
            await Expect(page.Wrong).ToBeDisabledAsync();
            await Expect(page.RightDigit(0)).ToBeHiddenAsync();

            await page.Picture.SetInputFilesAsync(
                PictureTests.File("notes.png", "image/png", "This is no picture."u8.ToArray()));
            await Expect(page.Answer).ToHaveAttributeAsync("data-state", "problem");
            await Expect(page.Wrong).ToBeDisabledAsync();
        });

    [Fact]
    public Task Without_storage_corrected_pictures_stay_until_the_page_is_closed() => site.VisitAsync(
        WithoutStorage, async page =>
        {
            await page.DrawAsync(1);
            await page.ShouldReadAsync(1);
            await page.CorrectAsync(7);
            await Expect(page.Kept).ToContainTextAsync("1 corrected picture is in this browser.");

            using ZipArchive archive = await DownloadAsync(page);
            archive.Entries.Count.ShouldBe(2);
        });

    [Fact]
    public Task Without_storage_two_pictures_stored_at_once_are_both_kept() => site.VisitAsync(
        WithoutStorage, async page =>
    {
        int count = await page.Page.EvaluateAsync<int>(
            """
            async () => {
              const { CorrectionStore } = await import("./js/correction-store.js");
              const store = new CorrectionStore();
              const picture = { id: null, digit: 7, type: "image/png", bytes: new ArrayBuffer(1) };
              await Promise.all([store.put(picture), store.put(picture)]);
              return (await store.all()).length;
            }
            """);

        count.ShouldBe(2);
    });

    [Fact]
    public Task A_browser_that_keeps_enough_pictures_says_so() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.Page.EvaluateAsync(
            """
            () => new Promise((resolve, reject) => {
              const opening = indexedDB.open("corrections", 1);
              opening.onerror = () => reject(opening.error);
              opening.onsuccess = () => {
                const transaction = opening.result.transaction("pictures", "readwrite");
                for (let id = 1; id <= 500; id++) {
                  const picture = { id, digit: 1, type: "image/png", bytes: new ArrayBuffer(1) };
                  transaction.objectStore("pictures").put(picture);
                }

                transaction.oncomplete = resolve;
              };
            })
            """);
        await page.DrawAsync(1);
        await page.ShouldReadAsync(1);

        await page.CorrectAsync(7);

        await Expect(page.Kept)
            .ToContainTextAsync("This browser keeps 500 pictures. Download them and forget them first.");
    });

    [Fact]
    public Task On_a_phone_every_digit_is_large_enough_for_a_finger() => site.VisitAsync(Visit.Phone, async page =>
    {
        await using Hand hand = await Hand.OverAsync(page);
        await hand.DrawByFingerAsync(1);
        await page.ShouldReadAsync(1);
        await page.Wrong.ClickAsync();

        for (int digit = 0; digit < 10; digit++)
        {
            LocatorBoundingBoxResult box = (await page.RightDigit(digit).BoundingBoxAsync())!;
            box.Height.ShouldBeGreaterThanOrEqualTo(44);
            box.Width.ShouldBeGreaterThanOrEqualTo(44);
        }
    });

    private static async Task<ZipArchive> DownloadAsync(DrawingPage page)
    {
        IDownload download = await page.Page.RunAndWaitForDownloadAsync(() =>
            page.Button("Download them").ClickAsync());
        download.SuggestedFilename.ShouldBe("corrections.zip");
        return await ZipFile.OpenReadAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
    }

    private static byte[] Read(ZipArchive archive, string name)
    {
        using var bytes = new MemoryStream();
        using Stream entry = archive.GetEntry(name)!.Open(); // checks the CRC
        entry.CopyTo(bytes);
        return bytes.ToArray();
    }
}
