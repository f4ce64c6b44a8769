using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class SwaggerTests(Site site)
{
    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("image/png")]
    public Task A_person_uploads_a_7_and_reads_7(string contentType) => site.VisitAsync(Visit.Default with { Path = "swagger" }, async page =>
    {
        ILocator operation = page.Page.Locator(".opblock-post").Filter(new() { Has = page.Page.Locator("[data-path='/predict']") });
        await operation.Locator(".opblock-summary-control").ClickAsync();
        await operation.GetByRole(AriaRole.Button, new() { Name = "Try it out" }).ClickAsync();
        await operation.GetByLabel("Request content type").SelectOptionAsync(contentType);
        await operation.Locator("input[type=file]").SetInputFilesAsync(
            PictureTests.File("seven.png", "image/png", PictureTests.Handwritten(7)));
        await operation.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();

        ILocator answer = operation.Locator(".live-responses-table .response").First;
        await Expect(answer.Locator(".response-col_status")).ToHaveTextAsync("200");
        await Expect(answer).ToContainTextAsync("\"digit\": 7");
    });
}
