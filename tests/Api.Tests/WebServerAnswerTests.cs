using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace MnistLstm.Api.Tests;

/// <summary>
/// Requests that the web server rejects get the answers in docs/api.md. The test uses a plain socket.
/// </summary>
public sealed class WebServerAnswerTests(SharedService shared) : IClassFixture<SharedService>
{
    private static readonly string[][] Documented = [.. MarkdownTable.Rows(
        File.ReadAllText(Repository.PathOf("docs", "api.md")), "| not HTTP | status |")];

    private static readonly Dictionary<string, string[]> Requests = new()
    {
        ["an invalid request line, `Host`, header, `Content-Length` or `Transfer-Encoding`"] =
        [
            "nonsense\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
            "POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
            "POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
            "POST /predict HTTP/1.0\r\n\r\n",
        ],
        ["a request line over 8 KiB"] = [$"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: a\r\n\r\n"],
        ["headers over `--max-header-bytes`, or more than 100"] =
        [
            $"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('a', 40_000)}\r\n\r\n",
            $"GET / HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Range(0, 101).Select(i => $"X{i}: a\r\n"))}\r\n",
        ],
        ["another version of HTTP"] = ["GET / HTTP/3.7\r\nHost: a\r\n\r\n"],
    };

    public static TheoryData<string> Cases => [.. Documented.Select(row => row[0])];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task It_is_a_status_without_a_body_and_the_end_of_the_connection(string what)
    {
        string status = Documented.Single(row => row[0] == what)[1];

        foreach (string request in Requests[what])
        {
            string answer = await SendAsync(shared.Service, request);

            answer.ShouldStartWith($"HTTP/1.1 {status} ");
            answer.ShouldContain("\r\nContent-Length: 0\r\n");
            answer.ShouldContain("\r\nConnection: close\r\n");
            answer.ShouldEndWith("\r\n\r\n");
        }
    }

    [Theory]
    [InlineData("400", "GET {path} HTTP/1.1\r\n\r\n")]
    [InlineData("400", "GET {path} HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")]
    [InlineData("408", "GET {path} HTTP/1.1\r\nHost: a\r\n")]
    [InlineData("414", "GET {path}?{long} HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("431", "GET {path} HTTP/1.1\r\nHost: a\r\nX: {long}{long}{long}{long}\r\n\r\n")]
    [InlineData("505", "GET {path} HTTP/3.7\r\nHost: a\r\n\r\n")]
    public async Task The_OpenAPI_document_describes_it_as_an_empty_body(string status, string request)
    {
        await using RunningService service = await RunningService.StartAsync("--headers-timeout", "1s");
        using JsonDocument document =
            JsonDocument.Parse(await shared.Client.GetStringAsync("/swagger/v1/swagger.json"));
        foreach (string path in (string[])["/models", "/health/live", "/v2"])
        {
            string answer = await SendAsync(
                service, request.Replace("{path}", path).Replace("{long}", new string('a', 9000)));

            answer.ShouldStartWith($"HTTP/1.1 {status} ");
            answer.ShouldEndWith("\r\n\r\n");
            string name = document.RootElement.GetProperty("paths").GetProperty(path).GetProperty("get")
                .GetProperty("responses").GetProperty(status).GetProperty("$ref").GetString()!.Split('/')[^1];
            JsonElement response =
                document.RootElement.GetProperty("components").GetProperty("responses").GetProperty(name);
            response.GetProperty("description").GetString().ShouldEndWith("The body is empty.");
            response.TryGetProperty("content", out _).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Trailers_that_are_too_large_are_answered_with_a_body()
    {
        string answer = await SendAsync(
            shared.Service,
            "POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: "
            + $"{new string('a', 40_000)}\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 431 ");
        answer.ShouldContain("/problems/headers-too-large");
    }

    [Fact]
    public void Every_case_is_documented() => Documented.Select(row => row[0]).ShouldBe(Requests.Keys);

    [Theory]
    [InlineData("/")]
    [InlineData("/models")]
    [InlineData("/nowhere")]
    [InlineData("/health/ready")]
    [InlineData("/v2")]
    [InlineData("/v2/nowhere")]
    [InlineData("/metrics")]
    [InlineData("/swagger/v1/swagger.json")]
    public async Task Every_answer_has_the_nosniff_header(string path)
    {
        using HttpResponseMessage response = await shared.Client.GetAsync(path);

        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
    }

    [Fact]
    public async Task A_prediction_has_the_nosniff_header()
    {
        using HttpResponseMessage response = await shared.Client.PostAsync(
            "/predict", Api.Tests.Requests.Raw(OpenInference.InferRequests.SamplePng));

        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
    }

    private static async Task<string> SendAsync(RunningService service, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(service.Address.Host, service.Address.Port);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer);
        }
        catch (IOException)
        {
            // The server resets a connection on which it gave up; what it said before is what counts.
        }

        return Encoding.ASCII.GetString(answer.ToArray());
    }
}
