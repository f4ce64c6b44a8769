using Microsoft.Playwright;
using MnistLstm.Api.Settings;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class AccessTests(Site site)
{
    private const string Key = "a-key-that-nobody-guesses";

    [Fact]
    public async Task A_service_with_keys_asks_for_one_and_then_reads()
    {
        await using Service service = await StartWithKeyAsync();
        Visit visit = Visit.Default with { Service = service.Address, ExpectedComplaint = Visit.FailedRequest };
        await site.VisitAsync(visit, async page =>
        {
            await page.StrokeAsync((57, 14), (47, 86));
            await Expect(page.Answer).ToHaveAttributeAsync("data-state", "problem");
            await Expect(page.Words).ToContainTextAsync("X-API-Key");
            await Expect(page.Notice).ToHaveCountAsync(0);

            await page.Page.GetByLabel("This service requires an API key.")
                .FillAsync("another-key-of-someone");
            await page.Button("Use this key").ClickAsync();
            await page.Page.GetByLabel("This service requires an API key.").FillAsync(Key);
            await page.Button("Use this key").ClickAsync();

            await page.ShouldReadAsync(1);
            await Expect(page.Model("digits")).ToBeCheckedAsync();
            await Expect(page.Page.Locator("#curl")).ToContainTextAsync("-H 'X-API-Key: YOUR-KEY'");
            await Expect(page.Button("Use this key")).ToBeHiddenAsync();
        });
    }

    [Fact]
    public async Task A_key_is_pasted_and_undone_like_any_text_and_the_drawing_stays()
    {
        await using Service service = await StartWithKeyAsync();
        Visit visit = Visit.Default with { Service = service.Address, ExpectedComplaint = Visit.FailedRequest };
        await site.VisitAsync(visit, async page =>
        {
            await page.StrokeAsync((57, 14), (47, 86));
            int ink = await page.InkAsync();
            await page.Page.EvaluateAsync("key => navigator.clipboard.writeText(key)", Key);
            ILocator field = page.Page.GetByLabel("This service requires an API key.");
            await field.FocusAsync();

            await page.Page.Keyboard.PressAsync("Control+v");

            await Expect(field).ToHaveValueAsync(Key);
            await Expect(page.Notice).ToHaveCountAsync(0);

            await page.Page.Keyboard.PressAsync("Control+z");

            await Expect(field).ToHaveValueAsync("");
            (await page.InkAsync()).ShouldBe(ink);

            await page.Paper.FocusAsync();
            await page.Page.Keyboard.PressAsync("Control+z");

            (await page.InkAsync()).ShouldBe(0);
        });
    }

    [Fact]
    public async Task A_key_can_be_dropped_into_its_field_without_an_alert()
    {
        await using Service service = await StartWithKeyAsync();
        Visit visit = Visit.Default with { Service = service.Address, ExpectedComplaint = Visit.FailedRequest };
        await site.VisitAsync(visit, async page =>
        {
            ILocator field = page.Page.GetByLabel("This service requires an API key.");
            await Expect(field).ToBeVisibleAsync();
            var text = new Dictionary<string, object> { ["mimeType"] = "text/plain", ["data"] = Key };

            await page.DropAsync(field, new Dictionary<string, object> { ["items"] = new[] { text } });

            await Expect(field).ToHaveValueAsync(Key);
            await Expect(page.Notice).ToHaveCountAsync(0);
        });
    }

    [Fact]
    public async Task A_key_is_used_where_the_browser_forbids_storage()
    {
        await using Service service = await StartWithKeyAsync();
        Visit visit = Visit.Default with
        {
            Service = service.Address,
            ExpectedComplaint = Visit.FailedRequest,
            InitScript = "Object.defineProperty(window, 'sessionStorage', { get() { throw new "
                + "DOMException('forbidden', 'SecurityError'); } });",
        };
        await site.VisitAsync(visit, async page =>
        {
            await page.StrokeAsync((57, 14), (47, 86));

            await page.Page.GetByLabel("This service requires an API key.").FillAsync(Key);
            await page.Button("Use this key").ClickAsync();

            await page.ShouldReadAsync(1);
        });
    }

    [Fact]
    public async Task A_key_that_no_header_can_carry_is_rejected_by_the_form()
    {
        await using Service service = await StartWithKeyAsync();
        Visit visit = Visit.Default with { Service = service.Address, ExpectedComplaint = Visit.FailedRequest };
        await site.VisitAsync(visit, async page =>
        {
            ILocator field = page.Page.GetByLabel("This service requires an API key.");
            await field.FillAsync("clé…");

            await page.Button("Use this key").ClickAsync();

            await Expect(field).ToBeVisibleAsync();
            (await field.EvaluateAsync<bool>("field => field.validity.patternMismatch")).ShouldBeTrue();
            await Expect(page.Notice).ToHaveCountAsync(0);
        });
    }

    private static Task<Service> StartWithKeyAsync() =>
        Service.StartAsync(args: ["--api-keys", Convert.ToHexStringLower(KeyHash.Of(Key))]);
}
