using System.Text.Json;
using Microsoft.Playwright;

namespace MnistLstm.Page;

/// <summary>Draws a digit point by point and has the page itself say how long each took to show.</summary>
internal static class StrokeToBars
{
    /// <summary>The first questions compile what is compiled on first use, in the browser and in the service.</summary>
    private const int WarmUpRounds = 1;

    /// <summary>A 3, in percent of the paper's width and height.</summary>
    private static readonly (float X, float Y)[] Points =
    [
        (33, 22), (37, 19), (42, 16), (48, 15), (53, 16), (58, 18), (63, 22), (65, 26), (65, 31), (62, 37), (57, 41),
            (52, 44), (46, 46),
        (52, 48), (58, 50), (64, 54), (67, 59), (69, 64), (68, 70), (65, 76), (60, 81), (54, 84), (46, 84),
        (38, 82), (32, 80),
    ];

    /// <summary>
    /// Notes when the browser received a point of a stroke; when the page, with its last answer shown, ceases to be
    /// busy; and when the frame after that is painted: a task that is posted in a frame's callback runs once the frame
    /// is out.
    /// </summary>
    private const string Stopwatch =
        """
        () => {
          window.latencies = [];
          let receivedAt = null;
          for (const type of ["pointerdown", "pointermove"]) {
            document.getElementById("sketch").addEventListener(type, event => {
              if (event.buttons === 1) {
                receivedAt = event.timeStamp;
              }
            }, { capture: true });
          }

          const answer = document.getElementById("answer");
          const frameIsOut = new MessageChannel();
          let latency = null;
          frameIsOut.port1.onmessage = () => {
            window.latencies.push({ ...latency, painted: performance.now() - latency.receivedAt });
          };
          new MutationObserver(() => {
            if (answer.getAttribute("aria-busy") === "false" && receivedAt !== null) {
              latency = { receivedAt, set: performance.now() - receivedAt };
              receivedAt = null;
              requestAnimationFrame(() => frameIsOut.port2.postMessage(null));
            }
          }).observe(answer, { attributeFilter: ["aria-busy"] });
        }
        """;

    public static async Task<Latency[]> MeasureAsync(IBrowser browser, Uri address, int rounds)
    {
        IPage page = await browser.NewPageAsync();
        await page.GotoAsync(address.ToString());
        await page.Locator("#models :checked")
            .WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await page.EvaluateAsync(Stopwatch);
        for (int round = 0; round < WarmUpRounds + rounds; round++)
        {
            if (round == WarmUpRounds)
            {
                await page.EvaluateAsync("() => { window.latencies = []; }");
            }

            await DrawAsync(page);
            await page.ClickAsync("#clear");
        }

        JsonElement latencies = await page.EvaluateAsync<JsonElement>("() => window.latencies");
        return
        [
            .. latencies.EnumerateArray().Select(latency =>
                new Latency(latency.GetProperty("set").GetDouble(), latency.GetProperty("painted").GetDouble()))
        ];
    }

    private static async Task DrawAsync(IPage page)
    {
        int before = await page.EvaluateAsync<int>("() => window.latencies.length");
        LocatorBoundingBoxResult paper = (await page.Locator("#sketch").BoundingBoxAsync())!;
        for (int i = 0; i < Points.Length; i++)
        {
            await page.Mouse.MoveAsync(paper.X + (Points[i].X * paper.Width / 100), paper.Y
                + (Points[i].Y * paper.Height / 100));
            if (i == 0)
            {
                await page.Mouse.DownAsync();
            }

            await page.WaitForFunctionAsync("count => window.latencies.length === count", before + i + 1);
        }

        await page.Mouse.UpAsync();
    }
}
