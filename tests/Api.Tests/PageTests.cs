using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace MnistLstm.Api.Tests;

/// <summary>Tests how the files of the page are served.</summary>
public sealed partial class PageTests(SharedService shared) : IClassFixture<SharedService>, IDisposable
{
    private static readonly string Folder = Repository.PathOf("src", "Api", "wwwroot");

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = shared.Service.Address,
    };

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("BR;q=0.5, gzip;q=1", "br")]
    [InlineData("br;q=0, gzip;q=0.1", "gzip")]
    [InlineData("gzip;q=0", null)]
    [InlineData("identity", null)]
    [InlineData("*", null)]
    [InlineData("gzipped, ;;q=, br=1", null)]
    [InlineData(null, null)]
    public async Task Text_has_an_encoding_that_the_client_accepts(string? accepted, string? encoding)
    {
        foreach (string file in (string[])["index.html", "page.css", "js/page.js", "icon.svg"])
        {
            using HttpResponseMessage response = await GetAsync($"/{file}", accepted);

            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Content.Headers.ContentEncoding.SingleOrDefault().ShouldBe(encoding, file);
            response.Headers.Vary.ShouldBe(["Accept-Encoding"]);
            byte[] content = await DecodeAsync(response);
            content.ShouldBe(await File.ReadAllBytesAsync(Path.Combine(Folder, file)));
            if (encoding is not null)
            {
                response.Content.Headers.ContentLength!.Value.ShouldBeLessThan(content.Length);
            }
        }
    }

    [Fact]
    public async Task The_page_links_every_example_and_shows_it_as_text()
    {
        string folder = Repository.PathOf("examples");
        string[] examples =
        [
            .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file))
                .Where(file => Path.GetExtension(file) is not (".props" or ".csproj")
                    && !file.Contains("obj/") && !file.Contains("bin/")),
        ];

        string page = await File.ReadAllTextAsync(Path.Combine(Folder, "index.html"));

        LinkedExample().Matches(page).Select(link => link.Groups[1].Value).ShouldBe(examples, ignoreOrder: true);
        foreach (string example in examples)
        {
            using HttpResponseMessage response = await GetAsync($"/examples/{example}", accepted: null);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, example);
            response.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain", example);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_browser_with_a_current_file_gets_304(string? accepted)
    {
        using HttpResponseMessage first = await GetAsync("/page.css", accepted);
        EntityTagHeaderValue tag = first.Headers.ETag!;
        tag.IsWeak.ShouldBeFalse();
        first.Headers.CacheControl!.NoCache.ShouldBeTrue();

        using HttpResponseMessage second = await GetAsync("/page.css", accepted, tag);
        using HttpResponseMessage other = await GetAsync("/page.css", accepted is null ? "gzip" : null, tag);

        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await second.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        second.Headers.ETag.ShouldBe(tag);
        other.StatusCode.ShouldBe(HttpStatusCode.OK, "Another encoding has another tag.");
    }

    [Fact]
    public async Task Two_services_give_a_file_the_same_tag()
    {
        await using RunningService another = await RunningService.StartAsync();

        using HttpResponseMessage one = await GetAsync("/js/page.js", "gzip");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/js/page.js")
        {
            Headers = { { "Accept-Encoding", "gzip" } },
        };
        using HttpResponseMessage other = await another.Client.SendAsync(request);

        other.Headers.ETag.ShouldBe(one.Headers.ETag);
    }

    [Theory]
    [InlineData("/models")]
    [InlineData("/health/ready")]
    [InlineData("/v2")]
    public async Task Answers_of_the_interface_are_not_compressed(string path)
    {
        using HttpResponseMessage response = await GetAsync(path, "gzip, br");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentEncoding.ShouldBeEmpty();
        response.Headers.Vary.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/swagger/swagger-ui-bundle.js")]
    [InlineData("/swagger/swagger-ui.css")]
    public async Task The_files_of_Swagger_UI_are_compressed_too(string path)
    {
        using HttpResponseMessage response = await GetAsync(path, "gzip");

        response.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
    }

    [Fact]
    public async Task HEAD_says_how_large_a_file_is()
    {
        using HttpResponseMessage get = await GetAsync("/", "gzip");
        using var request = new HttpRequestMessage(HttpMethod.Head, "/")
        {
            Headers = { { "Accept-Encoding", "gzip" } },
        };
        using HttpResponseMessage head = await _client.SendAsync(request);

        head.Content.Headers.ContentLength.ShouldBe(get.Content.Headers.ContentLength);
        head.Headers.ETag.ShouldBe(get.Headers.ETag);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string? accepted, EntityTagHeaderValue? tag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accepted is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        }

        if (tag is not null)
        {
            request.Headers.IfNoneMatch.Add(tag);
        }

        return await _client.SendAsync(request);
    }

    private static async Task<byte[]> DecodeAsync(HttpResponseMessage response)
    {
        Stream body = await response.Content.ReadAsStreamAsync();
        await using Stream decoded = response.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var content = new MemoryStream();
        await decoded.CopyToAsync(content);
        return content.ToArray();
    }

    [GeneratedRegex("href=\"examples/([^\"]+)\"")]
    private static partial Regex LinkedExample();
}
