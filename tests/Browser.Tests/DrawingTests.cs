using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class DrawingTests(Site site)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public Task A_digit_drawn_by_mouse_is_read(int digit) => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(digit);

        await page.ShouldReadAsync(digit);
    });

    [Fact]
    public Task A_number_is_read_and_each_digit_has_a_box() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawNumberAsync(4, 2);

        await page.SettleAsync();
        await Expect(page.Answer).ToHaveAttributeAsync("data-state", "digits");
        await Expect(page.Digit).ToHaveTextAsync("42");
        await Expect(page.Words).ToHaveTextAsync("2 digits");
        await Expect(page.Announcement).ToHaveTextAsync("It reads 2 digits: 42.");
        await Expect(page.Boxes).ToHaveTextAsync(["4", "2"]);
        LocatorBoundingBoxResult paper = (await page.Paper.BoundingBoxAsync())!;
        LocatorBoundingBoxResult four = (await page.Boxes.First.BoundingBoxAsync())!;
        LocatorBoundingBoxResult two = (await page.Boxes.Last.BoundingBoxAsync())!;
        (four.X + four.Width).ShouldBeLessThan(two.X);
        four.Y.ShouldBeInRange(paper.Y + (0.25f * paper.Height), paper.Y + (0.4f * paper.Height));
        two.Height.ShouldBeInRange(0.25f * paper.Height, 0.5f * paper.Height);

        await page.Clear.ClickAsync();
        await page.ShouldBeEmptyAsync();
        await Expect(page.Boxes).ToHaveCountAsync(0);
    });

    [Fact]
    public Task The_answer_follows_the_pen_while_it_draws() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.StartStrokeAsync((57, 14), (54, 36), (50, 60), (47, 86));

        await page.ShouldReadAsync(1);
        await page.Page.Mouse.UpAsync();
        await page.ShouldReadAsync(1);
    });

    [Fact]
    public Task Undo_reverts_one_change_at_a_time() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.DrawAsync(1);
        await page.StrokeAsync((20, 50), (80, 50));
        await page.StrokeAsync((20, 70), (80, 70));
        await page.Clear.ClickAsync();
        await page.ShouldBeEmptyAsync();

        await page.Undo.ClickAsync();
        await page.Page.Keyboard.PressAsync("Control+z");
        await page.Undo.ClickAsync();

        await page.ShouldReadAsync(1);
        await page.Undo.ClickAsync();
        await page.ShouldBeEmptyAsync();
        await Expect(page.Undo).ToBeDisabledAsync();
        await Expect(page.Paper).ToBeFocusedAsync();
    });

    [Fact]
    public Task A_blank_paper_sends_no_request() => site.VisitAsync(Visit.Default, async page =>
    {
        int asked = 0;
        page.Page.Request += (_, request) => asked += request.Method == "POST" ? 1 : 0;

        await page.ShouldBeEmptyAsync();
        await Expect(page.Undo).ToBeDisabledAsync();
        await Expect(page.Clear).ToBeDisabledAsync();
        await page.Page.Keyboard.PressAsync("Control+z");
        await page.ShouldBeEmptyAsync();

        await Expect(page.Words).ToHaveTextAsync("The answer follows your pen.");
        (await page.InkAsync()).ShouldBe(0);
        asked.ShouldBe(0);
    });

    [Fact]
    public Task A_scribble_is_distinguished_from_a_digit_in_the_text() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.StrokeAsync((15, 15), (85, 22), (15, 33), (85, 42), (15, 53), (85, 62), (15, 73),
            (85, 82), (15, 88));
        await page.StrokeAsync((20, 85), (30, 15), (45, 85), (55, 15), (70, 85), (80, 15));

        await page.SettleAsync();
        await Expect(page.Words).ToHaveTextAsync("This doesn’t look like one digit.");
        await Expect(page.Page.Locator("#moment")).ToContainTextAsync("The nearest is");
        await Expect(page.Announcement).ToContainTextAsync("This doesn’t look like one digit.");
    });

    [Fact]
    public Task A_pen_draws_wider_the_more_it_presses() => site.VisitAsync(Visit.Default, async page =>
    {
        await using Hand hand = await Hand.OverAsync(page);

        await hand.DrawByPenAsync(pressure: 0.2f, (30, 20), (30, 80));
        int light = await page.InkAsync();
        await page.Clear.ClickAsync();
        await hand.DrawByPenAsync(pressure: 0.9f, (30, 20), (30, 80));
        int firm = await page.InkAsync();

        // Width is in proportion to 0.5 + pressure: 0.7 and 1.4.
        (firm / (double)light).ShouldBeInRange(1.7, 2.3);
    });

    [Fact]
    public Task The_hand_that_holds_the_pen_leaves_no_mark() => site.VisitAsync(Visit.Phone, async page =>
    {
        await using Hand hand = await Hand.OverAsync(page);

        await hand.TouchAsync((80, 90));
        await hand.DrawByPenAsync(pressure: 0.5f, [.. Handwriting.Strokes(1).Single()]);
        await hand.LiftAsync();
        await hand.DrawByFingerAsync((80, 92), (82, 92));

        await page.ShouldReadAsync(1);
        await page.Undo.ClickAsync();
        await page.ShouldBeEmptyAsync();
    });

    [Fact]
    public Task A_late_answer_changes_nothing() => site.VisitAsync(Visit.Default, async page =>
    {
        var release = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        int asked = 0;
        await page.Page.RouteAsync("**/predict?*", async route =>
        {
            if (Interlocked.Increment(ref asked) > 1)
            {
                await route.ContinueAsync();
                return;
            }

            IAPIResponse late = await route.FetchAsync();
            await release.Task;
            await FulfillUnlessGivenUpAsync(route, late);
            released.SetResult();
        });

        await page.DrawAsync(7);
        await page.ShouldReadAsync(7);
        string[] percentages = await page.PercentagesAsync();
        release.SetResult();
        await released.Task;

        await page.ShouldReadAsync(7);
        (await page.PercentagesAsync()).ShouldBe(percentages);
    });

    [Fact]
    public Task An_answer_to_a_cleared_drawing_is_not_shown() => site.VisitAsync(Visit.Default, async page =>
    {
        var release = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        await page.Page.RouteAsync("**/predict?*", async route =>
        {
            IAPIResponse late = await route.FetchAsync();
            asked.TrySetResult();
            await release.Task;
            await FulfillUnlessGivenUpAsync(route, late);
            released.TrySetResult();
        });

        await page.StrokeAsync((57, 14), (47, 86));
        await asked.Task;
        await page.Clear.ClickAsync();
        release.SetResult();
        await released.Task;

        await page.ShouldBeEmptyAsync();
    });

    /// <summary>The page itself gives up a question that it no longer wants answered.</summary>
    private static async Task FulfillUnlessGivenUpAsync(IRoute route, IAPIResponse response)
    {
        try
        {
            await route.FulfillAsync(new RouteFulfillOptions { Response = response });
        }
        catch (PlaywrightException)
        {
        }
    }
}
