using MnistLstm.Api.Access;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class AccessTests(Site site)
{
    private const string Key = "a-key-that-nobody-guesses";

    [Fact]
    public async Task A_service_with_keys_asks_for_one_and_then_reads()
    {
        await using Service service = await Service.StartAsync(args: ["--api-keys", Convert.ToHexStringLower(ApiKeys.Hash(Key))]);
        Visit visit = Visit.Default with { Service = service.Address, ExpectedComplaint = Visit.FailedRequest };
        await site.VisitAsync(visit, async page =>
        {
            await page.StrokeAsync((57, 14), (47, 86));
            await Expect(page.Answer).ToHaveAttributeAsync("data-state", "problem");
            await Expect(page.Words).ToContainTextAsync("X-API-Key");
            await Expect(page.Notice).ToHaveCountAsync(0);

            await page.Page.GetByLabel("This service answers those who have a key.").FillAsync("another-key-of-someone");
            await page.Button("Use this key").ClickAsync();
            await page.Page.GetByLabel("This service answers those who have a key.").FillAsync(Key);
            await page.Button("Use this key").ClickAsync();

            await page.ShouldReadAsync(1);
            await Expect(page.Model("digits")).ToBeCheckedAsync();
            await Expect(page.Page.Locator("#curl")).ToContainTextAsync("-H 'X-API-Key: YOUR-KEY'");
            await Expect(page.Button("Use this key")).ToBeHiddenAsync();
        });
    }
}
