using Microsoft.Playwright;

namespace MnistLstm.Browser.Tests;

/// <summary>A finger or a pen on the paper: Chromium's own input, as a touch screen and a pen give it.</summary>
public sealed class Hand : IAsyncDisposable
{
    private readonly DrawingPage _page;
    private readonly ICDPSession _chromium;

    private Hand(DrawingPage page, ICDPSession chromium)
    {
        _page = page;
        _chromium = chromium;
    }

    public static async Task<Hand> OverAsync(DrawingPage page) =>
        new(page, await page.Page.Context.NewCDPSessionAsync(page.Page));

    public async Task DrawByFingerAsync(int digit)
    {
        foreach (IReadOnlyList<(float X, float Y)> stroke in Handwriting.Strokes(digit))
        {
            await DrawByFingerAsync([.. stroke]);
        }
    }

    /// <param name="points">In percent of the paper's width and height.</param>
    public async Task DrawByFingerAsync(params (float X, float Y)[] points)
    {
        await TouchAsync(points[0]);
        foreach ((float x, float y) in await _page.PlacesAsync(points[1..]))
        {
            await SendTouchAsync("touchMove", (x, y));
        }

        await LiftAsync();
    }

    public async Task TouchAsync((float X, float Y) point) =>
        await SendTouchAsync("touchStart", (await _page.PlacesAsync([point]))[0]);

    public Task LiftAsync() => SendTouchAsync("touchEnd");

    /// <param name="pressure">0 to 1.</param>
    /// <param name="points">In percent of the paper's width and height.</param>
    public async Task DrawByPenAsync(float pressure, params (float X, float Y)[] points)
    {
        (float X, float Y)[] places = await _page.PlacesAsync(points);
        await SendPenAsync("mouseMoved", places[0], pressure: 0);
        await SendPenAsync("mousePressed", places[0], pressure);
        foreach ((float X, float Y) place in places[1..])
        {
            await SendPenAsync("mouseMoved", place, pressure);
        }

        await SendPenAsync("mouseReleased", places[^1], pressure: 0);
    }

    public async ValueTask DisposeAsync() => await _chromium.DetachAsync();

    private async Task SendTouchAsync(string type, params (float X, float Y)[] places) => await _chromium.SendAsync(
        "Input.dispatchTouchEvent",
        new Dictionary<string, object>
        {
            ["type"] = type,
            ["touchPoints"] = places.Select(place =>
                new Dictionary<string, object> { ["x"] = place.X, ["y"] = place.Y }).ToArray(),
        });

    private async Task SendPenAsync(string type, (float X, float Y) place, float pressure) => await _chromium.SendAsync(
        "Input.dispatchMouseEvent",
        new Dictionary<string, object>
        {
            ["type"] = type,
            ["x"] = place.X,
            ["y"] = place.Y,
            ["button"] = "left",
            ["buttons"] = pressure > 0 ? 1 : 0,
            ["clickCount"] = type == "mouseMoved" ? 0 : 1,
            ["pointerType"] = "pen",
            ["force"] = pressure,
        });
}
