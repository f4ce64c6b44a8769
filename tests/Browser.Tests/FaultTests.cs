using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

/// <summary>An error of the page or the browser is not taken for a service that is gone.</summary>
public sealed class FaultTests(Site site)
{
    private const string Fault = "Something failed in this page, not in the service (";

    private const string Advice = "Please reload the page.";

    /// <summary>Twice for the two ends of the stroke, and twice more once the service is known to be there.</summary>
    private const int MaxAsked = 4;

    /// <summary>
    /// The page looks once a second whether the service is back: a loop would ask this many times more.
    /// </summary>
    private static readonly TimeSpan SomeReturns = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("JSON.parse = () => { throw new TypeError('broken for the test'); };")]
    [InlineData(
        "Response.prototype.text = Response.prototype.json = () => { throw new TypeError('broken for the test'); };")]
    [InlineData("window.Request = class { constructor() { throw new RangeError('broken for the test'); } };")]
    [InlineData("window.fetch = () => { throw new TypeError('broken for the test'); };")]
    [InlineData("HTMLCanvasElement.prototype.toBlob = () => { throw new Error('broken for the test'); };")]
    [InlineData("CanvasRenderingContext2D.prototype.stroke = () => { throw new Error('broken for the test'); };")]
    [InlineData("SVGElement.prototype.append = () => { throw new Error('broken for the test'); };")]
    public async Task An_error_in_the_browser_is_named_once_with_advice(string breakage)
    {
        int asked = 0;
        Visit visit = Visit.Default with { InitScript = breakage, ExpectedComplaint = "broken for the test" };
        await site.VisitAsync(visit, async page =>
        {
            page.Page.Request += (_, request) =>
                asked += request.Url.EndsWith("health/ready", StringComparison.Ordinal) ? 1 : 0;
            await page.StrokeAsync((50, 14), (50, 80));

            await Expect(page.Notice).ToContainTextAsync(Fault);
            await Expect(page.Notice).ToContainTextAsync("broken for the test");
            await Expect(page.Notice).ToContainTextAsync(Advice);
            await Expect(page.Answer).ToHaveAttributeAsync("aria-busy", "false");
            await Expect(page.Page.GetByText("The service does not answer")).ToHaveCountAsync(0);
        });

        asked.ShouldBe(0, "A page that fails does not look for a service that never was gone.");
    }

    [Fact]
    public Task A_script_that_the_browser_cannot_parse_is_named_with_the_browsers_that_can() =>
        site.VisitAsync(Visit.Default with { ExpectedComplaint = "SyntaxError" }, async page =>
        {
            await page.Page.RouteAsync("**/js/answer.js", route => route.FulfillAsync(new()
            {
                ContentType = "text/javascript",
                Body = "export const syntax of tomorrow;",
            }));
            await page.Page.ReloadAsync();

            await Expect(page.Notice).ToContainTextAsync("SyntaxError");
            await Expect(page.Notice)
                .ToContainTextAsync("It needs Safari 15, Chrome 100 or Firefox 100, or a later version.");
        });

    [Fact]
    public Task A_script_that_does_not_arrive_is_reported() =>
        site.VisitAsync(Visit.Default with { ExpectedComplaint = Visit.FailedRequest }, async page =>
        {
            await page.Page.RouteAsync("**/js/answer.js", route => route.AbortAsync());
            await page.Page.ReloadAsync();

            await Expect(page.Notice).ToContainTextAsync("its scripts did not load");
        });

    [Fact]
    public Task A_request_that_never_gets_through_is_given_up_while_the_service_is_online() =>
        site.VisitAsync(Visit.Default with { ExpectedComplaint = Visit.FailedRequest }, async page =>
        {
            int asked = 0;
            await page.Page.RouteAsync("**/predict?*", route =>
            {
                Interlocked.Increment(ref asked);
                return route.AbortAsync();
            });

            await page.StrokeAsync((50, 14));

            await Expect(page.Words).ToHaveTextAsync(
                "The browser could not send the picture, although the service answers. Draw on to try again, or "
                    + "reload the page.");
            await Task.Delay(SomeReturns);
            await Expect(page.Notice).ToHaveCountAsync(0);
            asked.ShouldBeInRange(2, MaxAsked);
            await page.Page.UnrouteAsync("**/predict?*");
            await page.Clear.ClickAsync();
            await page.DrawAsync(7);
            await page.ShouldReadAsync(7);
        });

    [Fact]
    public Task An_answer_from_another_server_is_not_shown_as_a_prediction() =>
        site.VisitAsync(Visit.Default, async page =>
    {
        await page.Page.RouteAsync("**/predict?*", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = "<h1>Welcome to the hotel's network</h1>",
        }));

        await page.StrokeAsync((50, 14));

        await Expect(page.Words).ToHaveTextAsync(
            "Something other than the service answered. Is a login page of the network in the way?");
    });
}
