using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MnistLstm.Api.Operations;
using MnistLstm.Shared;
using MnistLstm.Shared.Imaging;

namespace MnistLstm.Deploy.Tests;

/// <summary>The service behind a real nginx at /digits/, configured as docs/operations.md says.</summary>
public sealed partial class PathPrefixTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");
    private readonly HttpClient _client = new(new HttpClientHandler { AllowAutoRedirect = false });
    private RunningService? _service;
    private Process? _nginx;

    public async ValueTask InitializeAsync()
    {
        string nginx = CommandLine.Find("nginx");
        _service = await RunningService.StartAsync("--trusted-proxies", "127.0.0.1");
        int port = FreePort();
        _client.BaseAddress = new Uri($"http://127.0.0.1:{port}/digits/");
        string configuration = Path.Combine(_folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(port, _service.Client.BaseAddress!));
        _nginx = Process.Start(nginx, ["-e", "stderr", "-p", _folder.FullName, "-c", configuration]);
        await WaitForNginxAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_nginx is not null)
        {
            _nginx.Kill();
            await _nginx.WaitForExitAsync();
            _nginx.Dispose();
        }

        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_page_finds_everything_it_names()
    {
        string page = await _client.GetStringAsync("", TestContext.Current.CancellationToken);

        string[] names = [.. Reference().Matches(page).Select(match => match.Groups[1].Value)];
        names.ShouldContain("page.css");
        names.ShouldContain("js/page.js");
        foreach (string name in names)
        {
            using HttpResponseMessage response = await FollowAsync(name);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, name);
        }
    }

    [Fact]
    public async Task Swagger_UI_and_its_document_stay_below_the_prefix()
    {
        using HttpResponseMessage page = await FollowAsync("swagger");
        page.RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/digits/swagger/index.html");
        (await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("swagger-ui");

        using HttpResponseMessage document = await FollowAsync("swagger/v1/swagger.json");

        JsonNode server = JsonNode.Parse(await document.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["servers"]!.AsArray().Single()!;
        var address = new Uri(document.RequestMessage!.RequestUri!, server["url"]!.ToString());
        using HttpResponseMessage answer = await _client.PostAsync(
            new Uri($"{address.ToString().TrimEnd('/')}/predict"), Sample(), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonNode prediction = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        ((int)prediction["digit"]!).ShouldBe(GoldenSample.Digit);
    }

    private static ByteArrayContent Sample()
    {
        var picture = new ByteArrayContent(GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps));
        picture.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return picture;
    }

    /// <summary>Follows redirects as a browser does, and requires each of them to stay below the prefix.</summary>
    private async Task<HttpResponseMessage> FollowAsync(string path)
    {
        var address = new Uri(_client.BaseAddress!, path);
        HttpResponseMessage response = await _client.GetAsync(address);
        while (response.Headers.Location is { } location)
        {
            address = new Uri(address, location);
            address.ToString().ShouldStartWith(_client.BaseAddress!.ToString());
            response.Dispose();
            response = await _client.GetAsync(address);
        }

        return response;
    }

    /// <summary>One process, so that killing it ends it whole; everything it writes is in the test's folder.</summary>
    private static string Configuration(int port, Uri service)
    {
        string operating = File.ReadAllText(Repository.PathOf("docs", "operations.md"));
        string location = NginxBlock().Match(operating).Groups[1].Value.Replace("http://127.0.0.1:8080/", service.ToString(), StringComparison.Ordinal);
        location.ShouldContain(service.ToString());
        string[] temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        return $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            events { }
            http {
                access_log off;
                {{string.Join("\n    ", temporary.Select(name => $"{name}_temp_path {name};"))}}
                server {
                    listen 127.0.0.1:{{port}};
                    {{location}}
                }
            }
            """;
    }

    private async Task WaitForNginxAsync()
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using HttpResponseMessage response = await _client.GetAsync("health/live");
                response.StatusCode.ShouldBe(HttpStatusCode.OK);
                return;
            }
            catch (HttpRequestException) when (waited.Elapsed < Patience && !_nginx!.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("```nginx\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex NginxBlock();

    [GeneratedRegex("(?:href|src)=\"([^\"#:]+)\"")]
    private static partial Regex Reference();
}
