using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class WatchTests(Site site)
{
    [Fact]
    public Task The_reading_plays_row_by_row_and_its_last_frame_is_the_answer() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(3);
        await page.ShouldReadAsync(3);
        string words = await page.Words.InnerTextAsync();
        string[] percentages = await page.PercentagesAsync();
        await page.Page.EvaluateAsync(
            """
            () => {
              window.frames_ = [];
              const slider = document.getElementById("row");
              new MutationObserver(() => window.frames_.push(slider.valueAsNumber)).observe(slider, { attributeFilter: ["aria-valuetext"] });
            }
            """);

        await page.Play.ClickAsync();
        await Expect(page.Pause).ToBeVisibleAsync();
        await Expect(page.Play).ToBeVisibleAsync();

        int[] frames = await page.Page.EvaluateAsync<int[]>("() => window.frames_");
        frames.ShouldBeInOrder();
        frames[0].ShouldBeLessThan(DrawingPage.Rows / 2);
        frames[^1].ShouldBe(DrawingPage.Rows);
        (await page.RowAsync()).ShouldBe(DrawingPage.Rows);
        await page.ShouldReadAsync(3);
        (await page.Words.InnerTextAsync()).ShouldBe(words);
        (await page.PercentagesAsync()).ShouldBe(percentages);
        await Expect(page.Page.Locator("#retina")).ToHaveAttributeAsync("data-complete", "");
    });

    [Fact]
    public Task It_can_be_paused_and_goes_on_from_there() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(3);
        await page.ShouldReadAsync(3);

        await page.Play.ClickAsync();
        await page.Pause.ClickAsync();
        int paused = await page.RowAsync();
        await Expect(page.Play).ToBeVisibleAsync();
        await page.Page.EvaluateAsync("() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))");

        (await page.RowAsync()).ShouldBe(paused);
        await page.Play.ClickAsync();
        await Expect(page.RowsRead).ToHaveValueAsync("28");
        await page.ShouldReadAsync(3);
    });

    [Fact]
    public Task Every_row_shows_the_probabilities_that_the_service_gave_for_it() => site.VisitAsync(Visit.Default, async page =>
    {
        IResponse? last = null;
        page.Page.Response += (_, response) => last = response.Url.Contains("/predict", StringComparison.Ordinal) ? response : last;
        await page.DrawAsync(3);
        await page.ShouldReadAsync(3);
        JsonElement rows = (await last!.JsonAsync())!.Value.GetProperty("rows");

        for (int row = 1; row <= DrawingPage.Rows; row += 3)
        {
            await page.RowsRead.FillAsync(row.ToString(CultureInfo.InvariantCulture));

            float[] now = [.. rows[row - 1].EnumerateArray().Select(p => p.GetSingle())];
            int digit = now.IndexOf(now.Max());
            (await page.PercentagesAsync()).ShouldBe(now.Select(Percent));
            await Expect(page.Digit).ToHaveTextAsync(digit.ToString(CultureInfo.InvariantCulture));
            await Expect(page.RowsRead).ToHaveAttributeAsync("aria-valuetext", $"row {row} of 28: {digit}, {Percent(now[digit])} sure");
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
        await page.Play.ClickAsync();
        await Expect(page.Pause).ToBeVisibleAsync();

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
