using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace MnistLstm.Browser.Tests;

/// <summary>The drawing page as a person uses it.</summary>
public sealed partial class DrawingPage(IPage page)
{
    public const int Rows = 28;

    /// <summary>More than the animation of all rows takes.</summary>
    public static readonly TimeSpan WholeAnimation = TimeSpan.FromSeconds(4);

    public IPage Page => page;

    public ILocator Paper => page.GetByRole(AriaRole.Application, new() { Name = "Drawing area" });

    public ILocator Invitation => page.GetByText("Draw a digit here");

    public ILocator Undo => Button("Undo");

    public ILocator Clear => Button("Clear");

    public ILocator Picture => page.GetByLabel("Choose picture: a file");

    public ILocator Camera => page.GetByLabel("Camera: take a photo");

    public ILocator Answer => page.Locator("#answer");

    public ILocator Digit => page.Locator("#digit");

    /// <summary>Boxes of several digits, over the paper.</summary>
    public ILocator Boxes => page.Locator("#boxes span");

    public ILocator Words => page.Locator("#words");

    public ILocator Bars =>
        page.GetByRole(AriaRole.List, new() { Name = "Probability of each digit" }).GetByRole(AriaRole.Listitem);

    /// <summary>The announcements for screen readers.</summary>
    public ILocator Announcement => page.Locator("#announcement");

    /// <summary>The announcements of the keyboard's pen.</summary>
    public ILocator PenWords => page.Locator("#pen-words");

    /// <summary>The alert, which interrupts screen readers.</summary>
    public ILocator Notice => page.GetByRole(AriaRole.Alert);

    /// <summary>The 28x28 pixels that the network saw.</summary>
    public ILocator Seen => page.GetByAltText("The 28 by 28 pixels that the network reads");

    public ILocator Curves => page.Locator("#curves");

    public ILocator Play => Button("Watch it read");

    public ILocator Pause => Button("Pause");

    public ILocator RowsRead => page.GetByRole(AriaRole.Slider, new() { Name = "Rows read" });

    public ILocator Wrong => Button("That’s wrong");

    /// <summary>The text about corrected pictures.</summary>
    public ILocator Kept => page.Locator("#kept");

    public ILocator RightDigit(int digit) => Button($"It is a {digit}");

    /// <summary>Says which digit it is.</summary>
    public async Task CorrectAsync(int digit)
    {
        await Wrong.ClickAsync();
        await RightDigit(digit).ClickAsync();
    }

    public ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Model(string name) => page.GetByRole(AriaRole.Radio, new() { Name = name, Exact = true });

    public async Task DrawAsync(int digit)
    {
        foreach (IReadOnlyList<(float X, float Y)> stroke in Handwriting.Strokes(digit))
        {
            await StrokeAsync([.. stroke]);
        }
    }

    /// <summary>Digits of half the height, one beside the other.</summary>
    public async Task DrawNumberAsync(params int[] digits)
    {
        for (int i = 0; i < digits.Length; i++)
        {
            foreach (IReadOnlyList<(float X, float Y)> stroke in Handwriting.Strokes(digits[i]))
            {
                await StrokeAsync([.. stroke.Select(point =>
                    ((100f * i / digits.Length) + (point.X / 2), 25 + (point.Y / 2)))]);
            }
        }
    }

    /// <summary>One stroke by mouse.</summary>
    /// <param name="points">In percent of the paper's width and height.</param>
    public async Task StrokeAsync(params (float X, float Y)[] points)
    {
        await StartStrokeAsync(points);
        await page.Mouse.UpAsync();
    }

    /// <summary>One stroke by mouse, whose button stays down.</summary>
    public async Task StartStrokeAsync(params (float X, float Y)[] points)
    {
        (float X, float Y)[] places = await PlacesAsync(points);
        await page.Mouse.MoveAsync(places[0].X, places[0].Y);
        await page.Mouse.DownAsync();
        foreach ((float x, float y) in places[1..])
        {
            await page.Mouse.MoveAsync(x, y);
        }
    }

    /// <summary>Maps points of the paper to the screen.</summary>
    public async Task<(float X, float Y)[]> PlacesAsync(IEnumerable<(float X, float Y)> points)
    {
        LocatorBoundingBoxResult box = (await Paper.BoundingBoxAsync())!;
        return [.. points.Select(point => (box.X + (point.X * box.Width / 100), box.Y + (point.Y * box.Height / 100)))];
    }

    /// <summary>Fires the events of a drop from another program, as Chromium does.</summary>
    public async Task DropAsync(ILocator target, Dictionary<string, object> data)
    {
        data["dragOperationsMask"] = 1;
        LocatorBoundingBoxResult box = (await target.BoundingBoxAsync())!;
        ICDPSession chromium = await page.Context.NewCDPSessionAsync(page);
        foreach (string type in (string[])["dragEnter", "dragOver", "drop"])
        {
            await chromium.SendAsync(
                "Input.dispatchDragEvent",
                new Dictionary<string, object>
                {
                    ["type"] = type,
                    ["x"] = box.X + (box.Width / 2),
                    ["y"] = box.Y + (box.Height / 2),
                    ["data"] = data,
                });
        }
    }

    /// <summary>The picture that is on the paper now has been answered.</summary>
    public Task SettleAsync() => Assertions.Expect(Answer).ToHaveAttributeAsync("aria-busy", "false");

    public async Task ShouldReadAsync(int digit)
    {
        await SettleAsync();
        await Assertions.Expect(Digit).ToHaveTextAsync(digit.ToString(CultureInfo.InvariantCulture));
        await Assertions.Expect(Answer).ToHaveAttributeAsync("data-state", "digit");
    }

    /// <summary>The page is as it was when it was opened.</summary>
    public async Task ShouldBeEmptyAsync()
    {
        await Assertions.Expect(Answer).ToHaveAttributeAsync("data-state", "empty");
        await Assertions.Expect(Answer).ToHaveAttributeAsync("aria-busy", "false");
        await Assertions.Expect(Invitation).ToBeVisibleAsync();
        await Assertions.Expect(Play).ToBeDisabledAsync();
        await Assertions.Expect(RowsRead).ToBeDisabledAsync();
        await Assertions.Expect(Seen).ToHaveCountAsync(0);
    }

    /// <summary>From now on the page's time stands still, so that nothing passes unseen on a slow machine.</summary>
    public async Task StopTimeAsync()
    {
        DateTime start = DateTime.UtcNow;
        await page.Clock.InstallAsync(new ClockInstallOptions { TimeDate = start });
        await page.Clock.PauseAtAsync(start.AddHours(1));
    }

    /// <summary>The page's time goes on by so much, frame by frame.</summary>
    public Task LetPassAsync(TimeSpan time) => page.Clock.RunForAsync((long)time.TotalMilliseconds);

    /// <summary>The page's time flows again.</summary>
    public Task LetTimeFlowAsync() => page.Clock.ResumeAsync();

    public async Task<int> RowAsync() => int.Parse(await RowsRead.InputValueAsync(), CultureInfo.InvariantCulture);

    /// <summary>The texts of the ten bars: "99.1 %", "&lt;0.1 %".</summary>
    public async Task<string[]> PercentagesAsync() =>
        [.. (await Bars.AllInnerTextsAsync()).Select(text => Percentage().Match(text).Value)];

    /// <summary>Canvas pixels that have ink.</summary>
    public Task<int> InkAsync() => page.EvaluateAsync<int>(
        """
        () => {
          const drawn = document.querySelector("canvas");
          const copy = new OffscreenCanvas(drawn.width, drawn.height).getContext("2d", { willReadFrequently: true });
          copy.drawImage(drawn, 0, 0);
          const { data } = copy.getImageData(0, 0, drawn.width, drawn.height);
          return data.filter((value, i) => i % 4 === 3 && value > 127).length;
        }
        """);

    [GeneratedRegex(@"[<>]?\d+\.\d %")]
    private static partial Regex Percentage();
}
