using Microsoft.Playwright;

namespace MnistLstm.Browser.Tests;

/// <summary>Tests the files of the page and their delivery.</summary>
public sealed class DeliveryTests(Site site)
{
    private const int MaxPageBytes = 100_000;

    private static readonly string Folder = Repository.PathOf("src", "Api", "wwwroot");

    [Fact]
    public Task The_page_weighs_less_than_100_kB_and_all_of_it_comes_from_the_service() => site.VisitAsync(
        Visit.Default, async page =>
    {
        await Assertions.Expect(page.Model("digits")).ToBeCheckedAsync();

        int[] sizes = await page.Page.EvaluateAsync<int[]>(
            """
            () => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
              .filter(entry => !entry.name.endsWith("/models"))
              .map(entry => entry.decodedBodySize)
            """);
        sizes.Length.ShouldBeGreaterThan(5);
        sizes.ShouldAllBe(size => size > 0);
        sizes.Sum().ShouldBeLessThan(MaxPageBytes);
        Files().Sum(file => new FileInfo(file).Length).ShouldBeLessThan(MaxPageBytes);
    });

    [Fact]
    public Task Every_file_has_a_content_policy_without_exceptions() => site.VisitAsync(Visit.Default, async page =>
    {
        foreach (string file in Files())
        {
            string path = Path.GetRelativePath(Folder, file).Replace('\\', '/');
            IAPIResponse response = await page.Page.Context.APIRequest.GetAsync(path);

            response.Status.ShouldBe(200, path);
            string policy = response.Headers["content-security-policy"];
            policy.ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self';");
            policy.ShouldNotContain("unsafe");
            response.Headers["x-content-type-options"].ShouldBe("nosniff");
        }
    });

    [Fact]
    public Task The_policy_blocks_scripts_and_styles_from_elsewhere() =>
        site.VisitAsync(Visit.Default with { ExpectedComplaint = "Content Security Policy" }, async page =>
    {
        string[] blocked = await page.Page.EvaluateAsync<string[]>(
            """
            async () => {
              const blocked = [];
              document.addEventListener("securitypolicyviolation", event => blocked.push(event.effectiveDirective));
              document.body.insertAdjacentHTML("beforeend", "<p style='color: red'>");
              const script = document.createElement("script");
              document.body.append(Object.assign(script, { textContent: "window.ran = true" }));
              await new Promise(resolve => setTimeout(resolve, 100));
              return window.ran ? ["ran"] : blocked;
            }
            """);

        blocked.Distinct().ShouldBe(["style-src-attr", "script-src-elem"]);
    });

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories);
}
