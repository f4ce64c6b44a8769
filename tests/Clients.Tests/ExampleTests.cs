using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace MnistLstm.Clients.Tests;

/// <summary>Every example runs by its own first line in a clean folder, and prints what its comment says.</summary>
public sealed partial class ExampleTests(RunningService service) : IClassFixture<RunningService>, IDisposable
{
    private static readonly string[] Browsers =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-examples-");

    public static TheoryData<string> Programs =>
        ["curl.sh", "predict.cs", "predict.mjs", "predict.py", "infer.py", "grpc/Program.cs"];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task It_prints_what_its_comment_says(string file)
    {
        string[] lines = Copy(file);
        string command = Run().Match(lines[0]).Groups[1].Value
            .Replace("http://localhost:8080", service.Address, StringComparison.Ordinal)
            .Replace("http://localhost:8081", service.GrpcAddress, StringComparison.Ordinal);
        command.ShouldNotBeEmpty();

        string output = await Tool.RunAsync("bash", _folder.FullName, "-c", command);

        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(Expected(lines));
    }

    [Fact]
    public async Task Every_request_of_the_HTTP_file_is_answered_as_its_comment_says()
    {
        string text = string.Join('\n', Copy("predict.http"));
        using var client = new HttpClient();
        List<string> statuses = [];
        foreach (Match request in Request().Matches(text))
        {
            using var message = new HttpRequestMessage(
                new HttpMethod(request.Groups["method"].Value),
                request.Groups["url"].Value.Replace("{{address}}", service.Address, StringComparison.Ordinal));
            if (request.Groups["file"].Success)
            {
                string file = Path.Combine(_folder.FullName, "examples", request.Groups["file"].Value);
                message.Content =
                    new ByteArrayContent(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
                message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.Groups["type"].Value);
            }

            using HttpResponseMessage response = await client.SendAsync(message, TestContext.Current.CancellationToken);
            statuses.Add($"{(int)response.StatusCode}");
        }

        statuses.ShouldBe(Expected(text.Split('\n')));
    }

    [Fact]
    public async Task A_page_of_another_origin_reads_a_digit()
    {
        string[] lines = Copy("predict.html");
        string? chromium = Environment.GetEnvironmentVariable("CHROMIUM_PATH")
            ?? Array.Find(Browsers, File.Exists);
        Assert.SkipWhen(chromium is null, "Chromium is not installed: ./test.sh installs it.");
        string page = new Uri(Path.Combine(_folder.FullName, "examples", "predict.html")).AbsoluteUri;

        string dom = await Tool.RunAsync(
            chromium!, _folder.FullName, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking",
            $"--user-data-dir={Path.Combine(_folder.FullName, "profile")}", "--virtual-time-budget=20000", "--dump-dom",
            $"{page}?address={Uri.EscapeDataString(service.Address)}");

        dom.ShouldContain($"<output id=\"digit\">{Expected(lines).Single()}</output>");
    }

    [Fact]
    public void Every_example_is_tested()
    {
        string folder = Repository.PathOf("examples");
        IEnumerable<string> files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file))
            .Where(file => !file.EndsWith("proj", StringComparison.Ordinal)
                && !file.EndsWith(".props", StringComparison.Ordinal)
                && !file.Contains("obj/") && !file.Contains("bin/"));

        files.ShouldBe([.. Programs.Select(row => row.Data), "predict.http", "predict.html"], ignoreOrder: true);
        File.ReadAllLines(Path.Combine(folder, "predict.cs")).Length.ShouldBeLessThanOrEqualTo(25);
        File.ReadAllLines(Path.Combine(folder, "grpc", "Program.cs")).Length.ShouldBeLessThanOrEqualTo(25);
    }

    /// <summary>Copies the examples and what they read to a folder without the rest of the repository.</summary>
    /// <returns>The lines of one of them.</returns>
    private string[] Copy(string file)
    {
        foreach (
            string path in Directory.EnumerateFiles(Repository.PathOf("examples"), "*", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/") && !path.Contains("/bin/"))
            .Append(Repository.PathOf("docs", "images", "five.png"))
            .Append(Repository.PathOf("src", "Api", "OpenInference", "open_inference_grpc.proto")))
        {
            string copy = Path.Combine(_folder.FullName, Path.GetRelativePath(Repository.Root, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        return File.ReadAllLines(Path.Combine(_folder.FullName, "examples", file));
    }

    private static string[] Expected(string[] lines) =>
        [.. lines.Select(line => Prints().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"^(?:#|//) Run: (.+)$")]
    private static partial Regex Run();

    [GeneratedRegex(@"^(?:#|//|<!--) Prints: (.+?)(?: -->)?$")]
    private static partial Regex Prints();

    [GeneratedRegex(@"^(?<method>GET|POST) (?<url>\S+)(?:\n|\z)(?:Content-Type: (?<type>\S+)\n\n< (?<file>\S+))?",
        RegexOptions.Multiline)]
    private static partial Regex Request();
}
