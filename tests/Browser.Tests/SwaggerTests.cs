using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class SwaggerTests(Site site)
{
    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("image/png")]
    public Task A_person_uploads_a_7_and_reads_7(string contentType) =>
        site.VisitAsync(Visit.Default with { Path = "swagger" }, async page =>
        {
            await ShouldNameServerAsync(page, site.Address.ToString());
            await UploadAsync(page, contentType);
        });

    [Fact]
    public async Task A_person_does_the_same_behind_nginx_under_a_path_prefix()
    {
        string[] folders =
            [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin"];
        string? nginx = folders.Select(folder => Path.Combine(folder, "nginx")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(nginx is null, "nginx is not installed: ./test.sh installs it where it can.");
        await using Service service = await Service.StartAsync(0, "--trusted-proxies", "127.0.0.1");
        await using PrefixProxy proxy = await PrefixProxy.StartAsync(nginx!, service.Address);

        await site.VisitAsync(
            Visit.Default with { Service = proxy.Address, Path = "swagger" }, async page =>
            {
                await ShouldNameServerAsync(page, proxy.Address.ToString());
                await UploadAsync(page, "image/png");
            });
    }

    private static Task ShouldNameServerAsync(DrawingPage page, string address) =>
        Expect(page.Page.Locator(".servers option")).ToHaveAttributeAsync("value", address.TrimEnd('/'));

    private static async Task UploadAsync(DrawingPage page, string contentType)
    {
        ILocator operation = page.Page.Locator(".opblock-post").Filter(new()
        {
            Has = page.Page.Locator("[data-path='/predict']"),
        });
        await operation.Locator(".opblock-summary-control").ClickAsync();
        await operation.GetByRole(AriaRole.Button, new() { Name = "Try it out" }).ClickAsync();
        await operation.GetByLabel("Request content type").SelectOptionAsync(contentType);
        await operation.Locator("input[type=file]").SetInputFilesAsync(
            PictureTests.File("seven.png", "image/png", PictureTests.Handwritten(7)));
        await operation.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();

        ILocator answer = operation.Locator(".live-responses-table .response").First;
        await Expect(answer.Locator(".response-col_status")).ToHaveTextAsync("200");
        await Expect(answer).ToContainTextAsync("\"digit\": 7");
    }
}
