using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Tests;

/// <summary>docs/api.md and docs/operations.md say what the code does.</summary>
public sealed partial class DocumentationTests(SharedService shared) : IClassFixture<SharedService>
{
    private static readonly string Api = File.ReadAllText(Repository.PathOf("docs", "api.md"));
    private static readonly string Operating = File.ReadAllText(Repository.PathOf("docs", "operations.md"));

    [Fact]
    public void Every_problem_is_in_the_table_as_in_the_code()
    {
        string[][] expected =
            [.. ProblemType.All.Select(type => new[] { $"`{type.Slug}`", $"{type.Status}", type.Title })];

        ShouldBeTable(Api, "| type | status | title |", expected);
    }

    [Fact]
    public void Every_setting_is_in_the_table_as_in_the_code()
    {
        string[][] expected =
        [
            .. ServiceOptions.Settings.Select(setting =>
                new[] { $"`{setting.Option}`", setting.Default, setting.Range, setting.Meaning })
        ];

        ShouldBeTable(Operating, "| option | default | takes | meaning |", expected);
    }

    [Fact]
    public void Every_variable_is_named_after_its_option_or_in_the_text()
    {
        string[] unnamed =
        [
            .. ServiceOptions.Settings.Where(setting => setting.Prefix != Setting.VariablePrefix)
                .Select(setting => setting.Variable).Where(variable => !Operating.Contains($"`{variable}`"))
        ];

        unnamed.ShouldBeEmpty();
        Operating.ShouldContain("The environment variable of `--workers` is `MNIST_WORKERS`");
        new Setting("workers", "", "", "").Variable.ShouldBe("MNIST_WORKERS");
    }

    [Fact]
    public void The_service_accepts_every_address_in_the_table()
    {
        string[] urls = [.. MarkdownTable.Rows(Operating, "| address | meaning |").Select(row => row[0].Trim('`'))];

        urls[0].ShouldBe(ServerAddress.Default);
        foreach (string url in urls)
        {
            var settings = new SettingReader(
                new ConfigurationBuilder().AddInMemoryCollection([new("ASPNETCORE_URLS", url)]).Build());
            ServerAddress.Read(settings, out _).Single().ToString().ShouldBe(url);
        }
    }

    [Fact]
    public async Task Every_described_call_is_in_the_table_of_endpoints()
    {
        using JsonDocument document = JsonDocument.Parse(
            await shared.Client.GetStringAsync($"/swagger/{ApiDescription.DocumentName}/swagger.json"));

        const string VersionOfModel = "/versions/{version}";
        const string OffByDefault = "`POST /corrections`";
        string[] calls = [.. Operations(document).Select(operation => $"`{operation.Call}`"), OffByDefault];
        string[] documented = [.. MarkdownTable.Rows(Api, "| call | what it does |").Select(row => row[0])];
        Api.ShouldContain($"Calls with `{{model}}` also exist with `{VersionOfModel}` after it");
        documented.Concat(documented.Where(call => call.Contains("{model}"))
                .Select(call => call.Replace("{model}", "{model}" + VersionOfModel)))
            .ShouldBe(calls, ignoreOrder: true);
    }

    [Fact]
    public async Task Every_call_s_problems_are_in_the_table_of_problems()
    {
        using JsonDocument document = JsonDocument.Parse(
            await shared.Client.GetStringAsync($"/swagger/{ApiDescription.DocumentName}/swagger.json"));

        string[] problems =
            [.. Operations(document).SelectMany(operation => ProblemsOf(operation.Description)).Distinct()];

        problems.Length.ShouldBeGreaterThan(20);
        problems.Select(word => $"`{word}`")
            .ShouldBeSubsetOf(MarkdownTable.Rows(Api, "| type | status | title |").Select(row => row[0]));
    }

    [Fact]
    public void The_exit_codes_are_in_the_table()
    {
        MarkdownTable.Rows(Operating, "| exit code | meaning |")
            .Select(row => int.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture))
            .ShouldBe([ExitCodes.Success, ExitCodes.Unhealthy, ExitCodes.BadInput]);
    }

    [Fact]
    public async Task Every_metric_is_in_the_table_as_in_the_code()
    {
        var instruments = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == ServiceMetrics.MeterName)
                {
                    string kind = instrument.GetType().Name.Split('`')[0].Replace("Observable", "");
                    lock (instruments)
                    {
                        instruments[instrument.Name] =
                            [$"`{instrument.Name}`", kind, $"`{instrument.Unit}`", instrument.Description!];
                    }
                }
            },
        };
        byte[] sample = Shared.Decoding.GrayPng.Encode(GoldenSample.Pixels, 28, 28);
        await shared.Client.PredictAsync(Requests.Raw(sample));

        listener.Start();

        ShouldBeTable(Operating, "| metric | kind | unit | meaning |", [.. instruments.Values]);
    }

    [Fact]
    public void Every_warning_and_error_of_the_log_is_in_the_table_as_in_the_code()
    {
        LoggerMessageAttribute[] events =
        [
            .. typeof(ServiceOptions).Assembly.GetTypes()
                .SelectMany(type =>
                    type.GetMethods(
                        BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
                .SelectMany(method => method.GetCustomAttributes<LoggerMessageAttribute>())
                .OrderBy(message => message.EventId)
        ];

        events.Select(message => message.EventId).ShouldBeUnique();
        ShouldBeTable(
            Operating,
            "| event | level | message |",
            [
                .. events.Where(message => message.Level > LogLevel.Information)
                    .Select(message => new[] { $"{message.EventId}", $"{message.Level}", message.Message })
            ]);
    }

    [Fact]
    public async Task The_example_problem_equals_the_answer()
    {
        byte[] blank = Shared.Decoding.GrayPng.Encode(new byte[784], 28, 28);
        using HttpResponseMessage response = await shared.Client.PostAsync("/predict", Requests.Raw(blank));

        using JsonDocument example = JsonDocument.Parse(JsonBlock().Matches(Api).Last().Groups[1].Value);

        JsonElement answered = await response.ReadJsonAsync();
        Names(example.RootElement).ShouldBe(Names(answered));
        foreach (string name in Names(answered).Where(name => name != "requestId"))
        {
            JsonElement.DeepEquals(answered.GetProperty(name), example.RootElement.GetProperty(name))
                .ShouldBeTrue(name);
        }
    }

    [Fact]
    public async Task The_example_prediction_has_the_fields_of_a_real_one()
    {
        byte[] sample = Shared.Decoding.GrayPng.Encode(GoldenSample.Pixels, 28, 28);
        using HttpResponseMessage plain = await shared.Client.PostAsync("/predict", Requests.Raw(sample));
        using HttpResponseMessage explained =
            await shared.Client.PostAsync("/predict?explain=true&rotate=auto", Requests.Raw(sample));

        using JsonDocument example = JsonDocument.Parse(JsonBlock().Matches(Api).First().Groups[1].Value);

        Names(example.RootElement).ShouldBe(Names(await plain.ReadJsonAsync()));
        MarkdownTable.Rows(Api, "| field | meaning |").Select(row => row[0].Trim('`'))
            .ShouldBe(Names(await explained.ReadJsonAsync()));
    }

    private static IEnumerable<(string Call, JsonElement Description)> Operations(JsonDocument document) =>
        from path in document.RootElement.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value);

    private static string[] ProblemsOf(JsonElement operation) =>
    [
        .. from response in operation.GetProperty("responses").EnumerateObject()
           where response.Value.TryGetProperty("content", out JsonElement content)
               && content.TryGetProperty(Problem.ContentType, out _)
           from example in response.Value.GetProperty("content").GetProperty(Problem.ContentType)
               .GetProperty("examples").EnumerateObject()
           select example.Name
    ];

    private static IEnumerable<string> Names(JsonElement element) =>
        element.EnumerateObject().Select(property => property.Name);

    private static void ShouldBeTable(string text, string header, string[][] expected)
    {
        string table = MarkdownTable.Write(expected);
        (MarkdownTable.Write(MarkdownTable.Rows(text, header)) == table)
            .ShouldBeTrue($"The table '{header}' is to be:\n{table}");
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
