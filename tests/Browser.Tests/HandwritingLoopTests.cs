using System.Diagnostics;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MnistLstm.Browser.Tests;

/// <summary>
/// docs/model.md, "Your own handwriting", with few steps: from a wrong digit to the right one while the service runs.
/// </summary>
public sealed class HandwritingLoopTests(Site site) : IDisposable
{
    private const int Corrections = 12;

    /// <summary>Far more than the trainer takes, also on a machine that has other work.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    private string Models => Path.Combine(_folder.FullName, "models");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_misread_digit_is_corrected_learned_and_then_read_correctly()
    {
        IdxFiles.WriteMnist(Path.Combine(_folder.FullName, "data"), train: 2_000, test: 200);
        Directory.CreateDirectory(Models);
        foreach (string file in (string[])["digits.onnx", "digits-float.onnx"])
        {
            File.Copy(Repository.PathOf("models", file), Path.Combine(Models, file));
        }

        string[] args = ["--model-folder", Models, "--reload-interval", "100ms"];
        await using Service service = await Service.StartAsync(args: args);
        await site.VisitAsync(Visit.Default with { Service = service.Address }, async page =>
        {
            var random = new Random(1);
            string before = await VersionAsync(page);
            for (int n = 0; n < Corrections; n++)
            {
                await DrawAsync(page, random);
                await page.SettleAsync();
                (await page.Digit.TextContentAsync()).ShouldNotBe("1");
                await page.CorrectAsync(1);
                await Expect(page.Kept).ToContainTextAsync("Kept as a 1.");
                await page.Clear.ClickAsync();
            }

            IDownload download =
                await page.Page.RunAndWaitForDownloadAsync(() => page.Button("Download them").ClickAsync());
            await RefineAsync(await download.PathAsync());
            using var timeout = new CancellationTokenSource(Patience);
            while (await VersionAsync(page) == before)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), timeout.Token);
            }

            await DrawAsync(page, random);
            await page.ShouldReadAsync(1);
            await page.Clear.ClickAsync();
            await page.DrawAsync(4); // which the model took it for, and still knows
            await page.ShouldReadAsync(4);
        });
    }

    /// <summary>A 1 with a long upstroke and a foot, never twice the same.</summary>
    private static async Task DrawAsync(DrawingPage page, Random random)
    {
        (float X, float Y)[][] strokes = [[(28, 74), (54, 20), (53, 80)], [(34, 80), (76, 80)]];
        foreach ((float X, float Y)[] stroke in strokes)
        {
            await page.StrokeAsync([.. stroke.Select(point => (point.X + Shift(random), point.Y + Shift(random)))]);
        }
    }

    private static float Shift(Random random) => (3 * random.NextSingle()) - 1.5f;

    /// <summary>The version of the model that the service asks.</summary>
    private static Task<string> VersionAsync(DrawingPage page) =>
        page.Page.EvaluateAsync<string>("async () => (await (await fetch('models/digits')).json()).version");

    private async Task RefineAsync(string corrections)
    {
        string zip = Path.Combine(_folder.FullName, "corrections.zip");
        File.Copy(corrections, zip);
        string model = Path.Combine(Models, "digits.onnx");
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Repository.PathOf("artifacts", "bin", "Trainer", "release", "Trainer.dll"),
                "refine", model, "--images", zip, "--output", model, "--data", Path.Combine(_folder.FullName, "data"),
                "--evidence-epochs", "8", "--non-digit-pictures", "1000", "--allow-loss",
            ]);

        (int exitCode, string output, string error) = await ChildProcess.RunAsync(start);

        exitCode.ShouldBe(0, $"{output}\n{error}");
    }
}
