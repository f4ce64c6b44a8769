using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class AccessibilityTests(Site site)
{
    private static readonly string AxeCore =
        Repository.PathOf("tests", "Browser.Tests", "node_modules", "axe-core", "axe.min.js");

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public Task Axe_finds_nothing_serious(ColorScheme scheme) =>
        site.VisitAsync(Visit.Default with { Scheme = scheme, ExpectedComplaint = Visit.FailedRequest }, async page =>
        {
            (await SeriousAsync(page)).ShouldBeEmpty("Nothing drawn yet.");

            await page.DrawAsync(3);
            await page.ShouldReadAsync(3);
            await page.Page.GetByText("The model’s card").ClickAsync();
            (await SeriousAsync(page)).ShouldBeEmpty("A digit, and the model's card open.");

            await page.RowsRead.FillAsync("14");
            (await SeriousAsync(page)).ShouldBeEmpty("Half of it read.");

            await page.Picture.SetInputFilesAsync(
                PictureTests.File("notes.png", "image/png", "no picture"u8.ToArray()));
            await Expect(page.Answer).ToHaveAttributeAsync("data-state", "problem");
            (await SeriousAsync(page)).ShouldBeEmpty("A problem.");
        });

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public Task Axe_finds_nothing_serious_on_a_phone(ColorScheme scheme) =>
        site.VisitAsync(Visit.Phone with { Width = 320, Scheme = scheme }, async page =>
        {
            await page.Picture.SetInputFilesAsync(
                PictureTests.File("two.png", "image/png", PictureTests.Handwritten(2)));
            await page.ShouldReadAsync(2);

            (await SeriousAsync(page)).ShouldBeEmpty();
        });

    [Fact]
    public Task A_space_bar_that_is_held_moves_the_pen_once() => site.VisitAsync(Visit.Default, async page =>
    {
        IKeyboard keyboard = page.Page.Keyboard;
        await TabToAsync(page, page.Paper);
        await keyboard.DownAsync("Space");
        await keyboard.DownAsync("Space"); // without an up between them, it is a repeat

        await Expect(page.PenWords).ToHaveTextAsync("Pen down.");
    });

    [Fact]
    public Task Everything_can_be_done_by_keyboard() => site.VisitAsync(Visit.Default, async page =>
    {
        IKeyboard keyboard = page.Page.Keyboard;
        await TabToAsync(page, page.Paper);
        await Expect(page.Page.GetByText("Arrow keys move the pen")).ToBeVisibleAsync();
        await PressAsync(keyboard, "ArrowLeft", 6);
        await keyboard.PressAsync("Space");
        await Expect(page.PenWords).ToHaveTextAsync("Pen down.");
        await PressAsync(keyboard, "ArrowRight", 11);
        for (int step = 0; step < 8; step++)
        {
            await PressAsync(keyboard, "ArrowDown", 2);
            await PressAsync(keyboard, "ArrowLeft", step % 2);
        }

        await keyboard.PressAsync("Space");
        await Expect(page.PenWords).ToHaveTextAsync("Pen up.");

        await page.ShouldReadAsync(7);
        await Expect(page.Announcement).ToContainTextAsync("It reads 7");

        await TabToAsync(page, page.Play);
        await page.StopTimeAsync();
        await keyboard.PressAsync("Enter");
        await Expect(page.Pause).ToBeFocusedAsync();
        await page.LetPassAsync(DrawingPage.WholeAnimation / 2);
        await keyboard.PressAsync("Enter");
        await Expect(page.Play).ToBeFocusedAsync();
        (await page.RowAsync()).ShouldBeLessThan(DrawingPage.Rows);
        await page.LetTimeFlowAsync();

        await TabToAsync(page, page.RowsRead);
        await keyboard.PressAsync("Home");
        (await page.RowAsync()).ShouldBe(1);
        await keyboard.PressAsync("ArrowRight");
        (await page.RowAsync()).ShouldBe(2);
        await keyboard.PressAsync("End");
        await page.ShouldReadAsync(7);

        await TabToAsync(page, page.Model("digits"));
        await keyboard.PressAsync("ArrowRight");
        await Expect(page.Model("digits-float")).ToBeCheckedAsync();
        await keyboard.PressAsync("ArrowRight");
        await Expect(page.Model("seed")).ToBeCheckedAsync();
        await Expect(page.Page.Locator("#curl")).ToContainTextAsync("model=seed");
        await page.SettleAsync();

        await TabToAsync(page, page.Button("Copy the curl line"));
        await keyboard.PressAsync("Enter");
        await Expect(page.Announcement).ToHaveTextAsync("Copied.");

        await TabToAsync(page, page.Page.GetByText("The model’s card"));
        await keyboard.PressAsync("Enter");
        await Expect(page.Page.GetByText("SHA-256")).ToBeVisibleAsync();
    });

    [Fact]
    public Task Tab_moves_the_focus_in_reading_order() => site.VisitAsync(Visit.Default, async page =>
    {
        await page.Picture.SetInputFilesAsync(PictureTests.File("one.png", "image/png", PictureTests.Handwritten(1)));
        await page.ShouldReadAsync(1);

        string[] expected =
        [
            "Model", "Request", "Swagger UI", "sketch", "undo", "clear", "picture", "wrong", "play", "row", "digits",
                "Copy the curl line",
            "curl",
            "Copy the C# program", "C#", "Copy the JavaScript program", "JavaScript", "Copy the Python program",
            "Python", "save", "Swagger UI",
            "curl", "C#", "gRPC in C#", "JavaScript", "Python", "a page of another origin",
            "the Open Inference Protocol in Python", "an HTTP file",
            "The model’s card",
        ];
        List<string> met = [];
        foreach (string _ in expected)
        {
            await page.Page.Keyboard.PressAsync("Tab");
            met.Add(await page.Page.EvaluateAsync<string>(
                """
                () => {
                  const element = document.activeElement;
                  const title = document.getElementById(element.getAttribute("aria-labelledby"))?.textContent;
                  return element.id || element.value || title || element.textContent.trim();
                }
                """));
        }

        met.ShouldBe(expected);
    });

    [Fact]
    public Task Nothing_moves_by_itself_with_reduced_motion() =>
        site.VisitAsync(Visit.Default with { Motion = ReducedMotion.Reduce }, async page =>
        {
            await page.DrawAsync(3);
            await page.ShouldReadAsync(3);

            string[] durations = await page.Page.EvaluateAsync<string[]>(
                "() => [...document.querySelectorAll('*')].map(element => "
                + "getComputedStyle(element).transitionDuration)");
            durations.ShouldAllBe(duration => duration == "0s");
            (await page.Page.EvaluateAsync<int>("() => document.getAnimations().length")).ShouldBe(0);
        });

    [Fact]
    public async Task The_page_follows_the_color_scheme()
    {
        static Task<string> PaperColorAsync(DrawingPage page) =>
            page.Page.EvaluateAsync<string>("() => getComputedStyle(document.getElementById('paper')).backgroundColor");

        await site.VisitAsync(Visit.Default with { Scheme = ColorScheme.Light }, async page =>
        {
            (await PaperColorAsync(page)).ShouldBe("rgb(255, 255, 255)");
            await page.DrawAsync(7);
            await page.ShouldReadAsync(7);
            int ink = await page.InkAsync();

            await page.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });

            (await PaperColorAsync(page)).ShouldNotBe("rgb(255, 255, 255)");
            (await page.InkAsync()).ShouldBe(ink);
            await page.StrokeAsync((28, 20), (71, 18));
            await page.ShouldReadAsync(7);
        });
    }

    private static async Task PressAsync(IKeyboard keyboard, string key, int times)
    {
        for (int i = 0; i < times; i++)
        {
            await keyboard.PressAsync(key);
        }
    }

    private static async Task TabToAsync(DrawingPage page, ILocator target)
    {
        const int MoreThanThereAre = 40;
        for (int i = 0; i < MoreThanThereAre; i++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }

            await page.Page.Keyboard.PressAsync("Tab");
        }

        throw new InvalidOperationException($"The Tab key does not lead to {target}.");
    }

    /// <summary>The serious and critical violations of axe-core: the rule and its elements.</summary>
    private static async Task<string[]> SeriousAsync(DrawingPage page)
    {
        Assert.SkipUnless(File.Exists(AxeCore),
            "axe-core is not there: ./test.sh installs it, or npm ci in tests/Browser.Tests.");
        await page.Page.EvaluateAsync($"() => {{ {await File.ReadAllTextAsync(AxeCore)} }}");
        JsonElement violations = await page.Page.EvaluateAsync<JsonElement>("async () => (await axe.run()).violations");
        return
        [
            .. violations.EnumerateArray()
                .Where(violation => violation.GetProperty("impact").GetString() is "serious" or "critical")
                .Select(violation => violation.GetProperty("id").GetString() + ": " + string.Join(", ",
                    violation.GetProperty("nodes").EnumerateArray()
                    .Select(node => node.GetProperty("html").GetString())))
        ];
    }
}
