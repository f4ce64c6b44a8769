using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class WatchTests(Site site)
{
    /// <summary>About a row of the animation.</summary>
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(100);

    [Fact]
    public Task The_reading_plays_row_by_row_and_its_last_frame_is_the_answer() => site.VisitAsync(
        Visit.Default, async page =>
    {
        await page.DrawAsync(3);
        await page.ShouldReadAsync(3);
        string words = await page.Words.InnerTextAsync();
        string[] percentages = await page.PercentagesAsync();
        await page.StopTimeAsync();

        await page.Play.ClickAsync();
        await Expect(page.Pause).ToBeVisibleAsync();
        List<int> frames = [];
        for (TimeSpan passed = TimeSpan.Zero; passed < DrawingPage.WholeAnimation; passed += FrameTime)
        {
            await page.LetPassAsync(FrameTime);
            frames.Add(await page.RowAsync());
        }

        frames.ShouldBeInOrder();
        frames[0].ShouldBeLessThan(4);
        frames.Distinct().Count().ShouldBeGreaterThan(20);
        await Expect(page.Play).ToBeVisibleAsync();
        (await page.RowAsync()).ShouldBe(DrawingPage.Rows);
        await page.ShouldReadAsync(3);
        (await page.Words.InnerTextAsync()).ShouldBe(words);
        (await page.PercentagesAsync()).ShouldBe(percentages);
        await Expect(page.Page.Locator("#retina")).ToHaveAttributeAsync("data-complete", "");
    });

    [Fact]
    public Task It_can_be_paused_and_continues_from_there() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(3);
        await page.ShouldReadAsync(3);

        await page.StopTimeAsync();

        await page.Play.ClickAsync();
        await page.LetPassAsync(DrawingPage.WholeAnimation / 3);
        await page.Pause.ClickAsync();
        int paused = await page.RowAsync();
        await Expect(page.Play).ToBeVisibleAsync();
        await page.LetPassAsync(DrawingPage.WholeAnimation);

        paused.ShouldBeInRange(8, 16);
        (await page.RowAsync()).ShouldBe(paused);
        await page.Play.ClickAsync();
        await page.LetPassAsync(FrameTime);
        (await page.RowAsync()).ShouldBeInRange(paused, paused + 2);
        await page.LetPassAsync(DrawingPage.WholeAnimation);
        (await page.RowAsync()).ShouldBe(DrawingPage.Rows);
        await page.ShouldReadAsync(3);
    });

    [Fact]
    public Task Every_row_shows_the_probabilities_that_the_service_gave_for_it() => site.VisitAsync(
        Visit.Default, async page =>
    {
        const int QuietFrames = 10;
        IResponse? last = null;
        int unanswered = 0;
        page.Page.Request += (_, request) => unanswered += IsPrediction(request) ? 1 : 0;
        page.Page.RequestFailed += (_, request) => unanswered -= IsPrediction(request) ? 1 : 0;
        page.Page.RequestFinished += (_, request) => unanswered -= IsPrediction(request) ? 1 : 0;
        page.Page.Response += (_, response) => last = IsPrediction(response.Request) ? response : last;
        await page.DrawAsync(3);
        await page.ShouldReadAsync(3);

        // A 3 is also read before its last stroke is answered.
        for (int quiet = 0, wait = 0; quiet < QuietFrames && wait < 100; wait++)
        {
            await Task.Delay(FrameTime, TestContext.Current.CancellationToken);
            quiet = unanswered == 0 ? quiet + 1 : 0;
        }

        JsonElement rows = (await last!.JsonAsync())!.Value.GetProperty("rows");
        static bool IsPrediction(IRequest request) => request.Url.Contains("/predict", StringComparison.Ordinal);

        for (int row = 1; row <= DrawingPage.Rows; row += 3)
        {
            await page.RowsRead.FillAsync(row.ToString(CultureInfo.InvariantCulture));

            float[] now = [.. rows[row - 1].EnumerateArray().Select(p => p.GetSingle())];
            int digit = now.IndexOf(now.Max());
            await Expect(page.RowsRead)
                .ToHaveAttributeAsync("aria-valuetext", $"row {row} of 28: {digit}, {Percent(now[digit])} sure");
            await Expect(page.Digit).ToHaveTextAsync(digit.ToString(CultureInfo.InvariantCulture));
            (await page.PercentagesAsync()).ShouldBe(now.Select(Percent));
        }
    });

    [Fact]
    public Task Ten_curves_can_be_pointed_at() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(3);
        await page.ShouldReadAsync(3);

        (await page.Curves.Locator("[clip-path] .curve").CountAsync()).ShouldBe(10);
        LocatorBoundingBoxResult box = (await page.Curves.BoundingBoxAsync())!;
        await page.Page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await page.Page.Mouse.DownAsync();
        (await page.RowAsync()).ShouldBeInRange(13, 16);
        await page.Page.Mouse.MoveAsync(box.X, box.Y + (box.Height / 2));
        (await page.RowAsync()).ShouldBe(1);
        await page.Page.Mouse.MoveAsync(box.X + box.Width, box.Y);
        await page.Page.Mouse.UpAsync();
        (await page.RowAsync()).ShouldBe(DrawingPage.Rows);
        await page.ShouldReadAsync(3);
    });

    [Fact]
    public Task A_row_of_the_picture_can_be_pointed_at() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(3);
        await page.ShouldReadAsync(3);

        LocatorBoundingBoxResult box = (await page.Page.Locator("#retina").BoundingBoxAsync())!;
        await page.Page.Mouse.ClickAsync(box.X + 20, box.Y + (box.Height * 13.5f / DrawingPage.Rows));

        (await page.RowAsync()).ShouldBe(14);
        await Expect(page.Page.Locator(".line")).ToBeVisibleAsync();
    });

    [Fact]
    public Task A_new_stroke_ends_the_animation() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.StrokeAsync((28, 20), (48, 19), (71, 18));
        await page.SettleAsync();
        await page.StopTimeAsync();
        await page.Play.ClickAsync();
        await Expect(page.Pause).ToBeVisibleAsync();
        await page.LetTimeFlowAsync();

        await page.StrokeAsync((71, 18), (60, 40), (51, 62), (46, 86));

        await page.ShouldReadAsync(7);
        (await page.RowAsync()).ShouldBe(DrawingPage.Rows);
        await Expect(page.Play).ToBeVisibleAsync();
    });

    /// <summary>As the page writes probabilities.</summary>
    private static string Percent(float probability) =>
        probability >= 0.9995f ? ">99.9 %"
        : probability is > 0 and < 0.0005f ? "<0.1 %"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * (double)probability:0.0} %");
}
