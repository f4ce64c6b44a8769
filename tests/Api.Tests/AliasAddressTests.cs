using System.Net;
using System.Text;
using MnistLstm.Api.Health;
using MnistLstm.Api.OpenApi;

namespace MnistLstm.Api.Tests;

/// <summary>The addresses that people, browsers and orchestrators try first.</summary>
public sealed class AliasAddressTests(SharedService shared) : IClassFixture<SharedService>, IDisposable
{
    private static readonly string Documentation = File.ReadAllText(Repository.PathOf("docs", "api.md"));

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = shared.Service.Address,
    };

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Browsers_without_svg_icons_get_an_icon()
    {
        using HttpResponseMessage response = await _client.GetAsync("/favicon.ico");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("image/x-icon");
        byte[] icon = await response.Content.ReadAsByteArrayAsync();
        icon.AsSpan(0, 4).ToArray().ShouldBe([0, 0, 1, 0], "The head of an icon file.");
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task Alias_addresses_are_in_the_table_and_redirect(string method)
    {
        IReadOnlyList<string[]> rows = [.. MarkdownTable.Rows(Documentation, "| address | what is there |")];
        rows.Select(row => row[0])
            .ShouldBe(["`/`", "`/swagger`", "`/docs`", "`/openapi.json`", "`/problems/no-ink`",
                "`/examples/predict.py`", "`/healthz`", "`/favicon.ico`"]);
        foreach (string[] row in rows)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), row[0].Trim('`'));
            using HttpResponseMessage response = await _client.SendAsync(request);

            if (row[1].Split("redirects to ") is [_, string target])
            {
                response.StatusCode.ShouldBeOneOf([HttpStatusCode.Redirect, HttpStatusCode.MovedPermanently], row[0]);
                new Uri(_client.BaseAddress!, response.Headers.Location!).AbsolutePath.ShouldBe(target.Trim('`'));
            }
            else
            {
                response.StatusCode.ShouldBe(HttpStatusCode.OK, row[0]);
            }
        }
    }

    [Fact]
    public async Task Alias_addresses_redirect_to_their_targets()
    {
        string document = await shared.Client.GetStringAsync("/openapi.json");
        string page = await shared.Client.GetStringAsync("/docs");
        string health = await shared.Client.GetStringAsync("/healthz");

        document.ShouldBe(await shared.Client.GetStringAsync($"/swagger/{ApiDescription.DocumentName}/swagger.json"));
        page.ShouldContain("swagger-ui");
        health.ShouldBe(await shared.Client.GetStringAsync(HealthApi.ReadyPath));
        document.ShouldNotContain("\"/healthz\"");
        document.ShouldNotContain("\"/docs\"");
        document.ShouldNotContain("\"/openapi.json\"");
    }

    [Fact]
    public async Task Redirects_keep_the_prefix_that_a_proxy_strips()
    {
        await using RunningService service = await RunningService.StartAsync("--trusted-proxies", "127.0.0.1");
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = service.Address,
        };
        client.DefaultRequestHeaders.Add("X-Forwarded-Prefix", "/digits");

        using HttpResponseMessage docs = await client.GetAsync("/docs");
        using HttpResponseMessage document = await client.GetAsync("/openapi.json");

        docs.Headers.Location!.ToString().ShouldBe("/digits/swagger/index.html");
        document.Headers.Location!.ToString().ShouldBe("/digits/swagger/v1/swagger.json");
    }

    [Fact]
    public async Task The_types_of_problems_keep_the_prefix_that_a_proxy_strips()
    {
        await using RunningService service = await RunningService.StartAsync("--trusted-proxies", "127.0.0.1");
        service.Client.DefaultRequestHeaders.Add("X-Forwarded-Prefix", "/digits");
        using var form = new MultipartFormDataContent { { new StringContent("text"), "files", "text.png" } };

        using HttpResponseMessage nowhere = await service.Client.GetAsync("/nowhere");
        using HttpResponseMessage picture =
            await service.Client.PostAsync("/predict", Requests.Raw("text"u8.ToArray()));
        using HttpResponseMessage batch = await service.Client.PostAsync("/predict/batch", form);

        (await nowhere.ReadJsonAsync()).GetProperty("type").GetString().ShouldBe("/digits/problems/not-found");
        (await picture.ReadJsonAsync()).GetProperty("type").GetString().ShouldBe("/digits/problems/not-an-image");
        (await batch.ReadJsonAsync()).GetProperty("predictions")[0].GetProperty("error").GetProperty("type").GetString()
            .ShouldBe("/digits/problems/not-an-image");
    }

    /// <summary>A proxy that does not set the header passes on what a client sends.</summary>
    [Fact]
    public async Task A_prefix_that_is_not_a_path_of_plain_segments_is_ignored()
    {
        string[] prefixes =
        [
            "//evil.com", "/", "/digits/", "/a//b", "digits", "/a b", "/..", "/a/./b", "/<script>", "/\\evil.com",
            "/é", "/%C3%A9", "/%0D%0AX-Injected:%201", "/digits, //evil.com", "/a?b", "/a#b",
        ];
        await using RunningService service = await RunningService.StartAsync("--trusted-proxies", "127.0.0.1");
        using var client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        })
        {
            BaseAddress = service.Address,
        };
        foreach (string prefix in prefixes)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/docs");
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", "192.0.2.1, 192.0.2.2").ShouldBeTrue();
            request.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", prefix).ShouldBeTrue();

            using HttpResponseMessage docs = await client.SendAsync(request);

            docs.StatusCode.ShouldBe(HttpStatusCode.Redirect, prefix);
            docs.Headers.Location!.ToString().ShouldBe("/swagger/index.html", prefix);
        }
    }
}
