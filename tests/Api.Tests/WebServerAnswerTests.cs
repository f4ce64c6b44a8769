using System.Net.Sockets;
using System.Text;

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
            string answer = await SendAsync(request);

            answer.ShouldStartWith($"HTTP/1.1 {status} ");
            answer.ShouldContain("\r\nContent-Length: 0\r\n");
            answer.ShouldContain("\r\nConnection: close\r\n");
            answer.ShouldEndWith("\r\n\r\n");
        }
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

    private async Task<string> SendAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(shared.Service.Address.Host, shared.Service.Address.Port);
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
