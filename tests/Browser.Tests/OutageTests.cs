using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class OutageTests(Site site)
{
    [Fact]
    public async Task A_drawing_made_while_the_service_is_offline_is_read_when_it_is_back()
    {
        Service service = await Service.StartAsync();
        try
        {
            Visit visit = Visit.Default with { Service = service.Address, ExpectedComplaint = Visit.FailedRequest };
            await site.VisitAsync(visit, async page =>
            {
                await page.DrawAsync(1);
                await page.ShouldReadAsync(1);
                await service.DisposeAsync();

                await page.Clear.ClickAsync();
                await page.DrawAsync(7);
                await Expect(page.Notice).ToHaveTextAsync(
                    "The service does not answer. Your drawing stays here, and is read as soon as the service is "
                    + "back.");
                await Expect(page.Answer).ToHaveAttributeAsync("aria-busy", "true");

                service = await Service.StartAsync(service.Address.Port);
                await page.ShouldReadAsync(7);
                await Expect(page.Notice).ToHaveCountAsync(0);
                await Expect(page.Model("digits")).ToBeCheckedAsync();
            });
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public Task A_page_without_a_network_says_so_before_anything_is_drawn() =>
        site.VisitAsync(Visit.Default with { ExpectedComplaint = Visit.FailedRequest }, async page =>
        {
            await Expect(page.Model("digits")).ToBeCheckedAsync();

            await page.Page.Context.SetOfflineAsync(true);
            await Expect(page.Notice).ToContainTextAsync("The service does not answer.");

            await page.Page.Context.SetOfflineAsync(false);
            await Expect(page.Notice).ToHaveCountAsync(0);
        });

    [Fact]
    public Task A_service_that_takes_long_is_mentioned_until_it_answers() =>
        site.VisitAsync(Visit.Default, async page =>
        {
            var isAwake = new TaskCompletionSource();
            await page.Page.RouteAsync("**/predict?*", async route =>
            {
                await isAwake.Task;
                await route.ContinueAsync();
            });

            await page.StrokeAsync((50, 14), (50, 50));
            await Expect(page.Notice).ToHaveTextAsync("Still waiting for the service …");
            await page.StrokeAsync((50, 50), (50, 80));
            await Expect(page.Notice).ToHaveTextAsync("Still waiting for the service …");
            await Expect(page.Answer).ToHaveAttributeAsync("aria-busy", "true");

            isAwake.SetResult();
            await page.SettleAsync();
            await Expect(page.Notice).ToHaveCountAsync(0);
        });

    [Fact]
    public Task A_later_question_that_takes_long_is_mentioned_again_after_an_earlier_answer() =>
        site.VisitAsync(Visit.Default, async page =>
        {
            TaskCompletionSource[] answers = [new(), new()];
            int asked = 0;
            await page.Page.RouteAsync("**/predict?*", async route =>
            {
                await answers[Math.Min(Interlocked.Increment(ref asked), 2) - 1].Task;
                await route.ContinueAsync();
            });

            await page.StrokeAsync((50, 14));
            await page.StrokeAsync((50, 80));
            await Expect(page.Notice).ToHaveTextAsync("Still waiting for the service …");
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            asked.ShouldBe(2);

            answers[0].SetResult();
            await Expect(page.Answer)
                .ToHaveAttributeAsync("data-state", new System.Text.RegularExpressions.Regex("digit|other"));
            await Expect(page.Notice).ToHaveTextAsync("Still waiting for the service …");
            asked.ShouldBe(2, "The question was given up and asked again.");

            answers[1].SetResult();
            await page.SettleAsync();
            await Expect(page.Notice).ToHaveCountAsync(0);
        });

    [Fact]
    public Task A_busy_service_is_asked_again_after_its_Retry_After() =>
        site.VisitAsync(Visit.Default with { ExpectedComplaint = Visit.FailedRequest }, async page =>
        {
            int asked = 0;
            await page.Page.RouteAsync("**/predict?*", async route =>
            {
                if (Interlocked.Increment(ref asked) > 1)
                {
                    await route.ContinueAsync();
                    return;
                }

                await route.FulfillAsync(new()
                {
                    Status = 503,
                    ContentType = "application/problem+json",
                    Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
                    Body = """
                        {"type":"queue-full","detail":"Too many pictures are waiting. Send it again in a moment."}
                        """,
                });
            });

            await page.StrokeAsync((50, 14));

            await Expect(page.Words).ToHaveTextAsync("Too many pictures are waiting. Send it again in a moment.");
            await Expect(page.Answer)
                .ToHaveAttributeAsync("data-state", new System.Text.RegularExpressions.Regex("digit|other"));
            asked.ShouldBe(2);
        });
}
