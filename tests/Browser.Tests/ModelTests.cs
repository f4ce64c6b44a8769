using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

public sealed class ModelTests(Site site)
{
    [Fact]
    public Task The_model_can_be_switched_and_each_shows_its_own_accuracy_and_card() => site.VisitAsync(
        Visit.Default, async page =>
    {
        await page.DrawAsync(7);
        await page.ShouldReadAsync(7);
        await Expect(page.Model("digits")).ToBeCheckedAsync();
        await ShouldShowCardAsync(page, "digits");
        string[] before = await page.PercentagesAsync();

        IResponse answer = await page.Page.RunAndWaitForResponseAsync(
            () => page.Page.GetByText("seed", new() { Exact = true }).ClickAsync(),
            response => response.Url.Contains("/predict", StringComparison.Ordinal));

        JsonElement prediction = (await answer.JsonAsync())!.Value;
        prediction.GetProperty("model").GetProperty("name").GetString().ShouldBe("seed");
        await page.SettleAsync();
        await Expect(page.Digit).ToHaveTextAsync(prediction.GetProperty("digit").ToString());
        await ShouldShowCardAsync(page, "seed");
        await Expect(page.Page.Locator("#curl")).ToContainTextAsync("model=seed");
        await Expect(page.Page.Locator("#csharp")).ToContainTextAsync("model=seed");
        await page.Model("digits").CheckAsync(new LocatorCheckOptions { Force = true });
        await page.ShouldReadAsync(7);
        (await page.PercentagesAsync()).ShouldBe(before);
    });

    [Fact]
    public Task A_model_that_was_replaced_shows_its_new_accuracy_with_its_first_answer() => site.VisitAsync(
        Visit.Default, async page =>
    {
        int asked = 0;
        await page.Page.RouteAsync("**/models", async route =>
        {
            IAPIResponse response = await route.FetchAsync();
            JsonNode list = JsonNode.Parse(await response.TextAsync())!;
            if (asked++ == 0)
            {
                foreach (JsonNode? model in list["models"]!.AsArray())
                {
                    model!["version"] = "000000000000";
                    model["card"]!["test"]!["accuracy"] = 0.5;
                }
            }

            await route.FulfillAsync(new RouteFulfillOptions { Response = response, Body = list.ToJsonString() });
        });
        await page.Page.ReloadAsync();
        await Expect(page.Page.Locator("#accuracy")).ToHaveTextAsync("50.00 %");

        await page.DrawAsync(7);
        await page.ShouldReadAsync(7);

        await ShouldShowCardAsync(page, "digits");
        asked.ShouldBe(2);
    });

    [Fact]
    public Task The_curl_command_and_the_program_can_be_copied() => site.VisitAsync(Visit.Default, async page =>
    {
        await Expect(page.Model("digits")).ToBeCheckedAsync();
        await page.StopTimeAsync();

        await page.Button("Copy the curl line").ClickAsync();
        await Expect(page.Button("Copied the curl line")).ToBeVisibleAsync();
        (await ClipboardAsync(page)).ShouldBe($"curl -F file=@digit.png '{site.Address}predict?model=digits'");

        await page.Button("Copy the C# program").ClickAsync();
        await Expect(page.Button("Copied the C# program")).ToBeVisibleAsync();
        (await ClipboardAsync(page)).ShouldContain($"\"{site.Address}predict?model=digits\"");
        await page.LetPassAsync(TimeSpan.FromSeconds(2));
        await Expect(page.Button("Copy the C# program")).ToBeVisibleAsync();
    });

    [Fact]
    public Task The_programs_on_the_page_run_unchanged_and_read_the_saved_drawing() => site.VisitAsync(
        Visit.Default, async page =>
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            await page.DrawAsync(7);
            await page.ShouldReadAsync(7);
            IDownload download = await page.Page.RunAndWaitForDownloadAsync(
                () => page.Button("Save your picture as digit.png").ClickAsync());
            await download.SaveAsAsync(Path.Combine(folder, "digit.png"));
            await File.WriteAllTextAsync(Path.Combine(folder, "read.cs"), await page.Page.Locator("#csharp")
                .InnerTextAsync());

            await File.WriteAllTextAsync(Path.Combine(folder, "read.mjs"), await page.Page.Locator("#javascript")
                .InnerTextAsync());
            await File.WriteAllTextAsync(Path.Combine(folder, "read.py"), await page.Page.Locator("#python")
                .InnerTextAsync());

            string[] answers =
            [
                await RunAsync(folder, "dotnet", "run", "read.cs"),
                await RunAsync(folder, "node", "read.mjs"),
                await RunAsync(folder, "python3", "read.py"),
            ];

            answers.ShouldAllBe(answer =>
                JsonDocument.Parse(answer, default).RootElement.GetProperty("digit").GetInt32() == 7);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    });

    private async Task ShouldShowCardAsync(DrawingPage page, string model)
    {
        using var http = new HttpClient { BaseAddress = site.Address };
        using JsonDocument served = JsonDocument.Parse(await http.GetStringAsync($"models/{model}"));
        JsonElement card = served.RootElement.GetProperty("card");
        JsonElement test = card.GetProperty("test");
        double accuracy = test.GetProperty("accuracy").GetDouble();

        await Expect(page.Page.Locator("#accuracy")).ToHaveTextAsync(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{100 * accuracy:0.00} %"));
        await Expect(page.Page.Locator("#card")).ToContainTextAsync(card.GetProperty("modelSha256").GetString()!);
        int[] confusion = [.. test.GetProperty("confusion").EnumerateArray().SelectMany(row => row.EnumerateArray())
            .Select(n => n.GetInt32())];
        string[] cells = [.. await page.Page.Locator("#card tbody td").AllTextContentsAsync()];
        cells.ShouldBe(confusion.Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static Task<string> ClipboardAsync(DrawingPage page) =>
        page.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");

    private static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        (int exitCode, string output, string error) =
            await ChildProcess.RunAsync(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder });
        exitCode.ShouldBe(0, output + error);
        return output;
    }
}
