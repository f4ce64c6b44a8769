using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MnistLstm.Api.Models;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Deploy.Tests;

/// <summary>The service behind a real nginx at /digits/, configured as docs/operations.md says.</summary>
public sealed partial class PathPrefixTests : IAsyncLifetime
{
    private readonly HttpClient _client = new(new HttpClientHandler { AllowAutoRedirect = false });
    private RunningService? _service;
    private PrefixProxy? _proxy;

    public async ValueTask InitializeAsync()
    {
        string nginx = CommandLine.Find("nginx");
        _service = await RunningService.StartAsync("--trusted-proxies", "127.0.0.1");
        _proxy = await PrefixProxy.StartAsync(nginx, _service.Client.BaseAddress!);
        _client.BaseAddress = _proxy.Address;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }

        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_page_finds_every_element_and_file_that_it_names()
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
    public async Task Swagger_UI_and_its_document_keep_the_prefix()
    {
        using HttpResponseMessage page = await FollowAsync("swagger");
        page.RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/digits/swagger/index.html");
        (await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("swagger-ui");

        using HttpResponseMessage document = await FollowAsync("swagger/v1/swagger.json");

        JsonNode server = JsonNode.Parse(await document.Content.ReadAsStringAsync(
            TestContext.Current.CancellationToken))!["servers"]!.AsArray().Single()!;
        var address = new Uri(document.RequestMessage!.RequestUri!, server["url"]!.ToString());
        using HttpResponseMessage answer = await _client.PostAsync(
            new Uri($"{address.ToString().TrimEnd('/')}/predict"), Sample(), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonNode prediction = JsonNode.Parse(await answer.Content.ReadAsStringAsync(
            TestContext.Current.CancellationToken))!;
        ((int)prediction["digit"]!).ShouldBe(GoldenSample.Digit);
    }

    [Theory]
    [InlineData("docs", "swagger/index.html")]
    [InlineData("openapi.json", "swagger/v1/swagger.json")]
    public async Task Redirects_keep_the_prefix(string path, string target)
    {
        using HttpResponseMessage response = await FollowAsync(path);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.RequestMessage!.RequestUri.ShouldBe(new Uri(_client.BaseAddress!, target));
    }

    private static ByteArrayContent Sample()
    {
        var picture = new ByteArrayContent(
            GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps));
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

    [GeneratedRegex("(?:href|src)=\"([^\"#:]+)\"")]
    private static partial Regex Reference();
}
