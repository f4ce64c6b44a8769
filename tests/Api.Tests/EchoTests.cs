using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Tests.OpenInference;

namespace MnistLstm.Api.Tests;

/// <summary>The service repeats at most a short piece of a client's text, in answers, logs and metrics.</summary>
public sealed partial class EchoTests(EchoTests.Fixture fixture) : IClassFixture<EchoTests.Fixture>
{
    /// <summary>Less than the limit of the request line and of a form's header line, 8 KiB each.</summary>
    private const int Length = 6000;

    private const string Infer = "POST /v2/models/digits/infer";

    private static readonly byte[] Png = InferRequests.SamplePng;
    private static readonly byte[] EmptyJson = "{}"u8.ToArray();

    /// <summary>A letter that the service's own texts never repeat.</summary>
    private static readonly string Long = new('Q', Length);

    private readonly ServiceProcess _service = fixture.Service!;

    public static TheoryData<string> Places => [.. Requests.Keys];

    /// <summary>Every place where a client can put a text of its own: request line, headers and body.</summary>
    private static Dictionary<string, (string Head, byte[] Body)> Requests { get; } = new()
    {
        ["a path"] = ($"GET /{Long}", []),
        ["a path with escapes"] = ($"GET /{string.Concat(Enumerable.Repeat("%51%0A", 1000))}", []),
        ["a path below another"] = ($"GET /swagger/{Long}/swagger.json", []),
        ["a method"] = ($"{Long} /predict", []),
        ["a method of no address"] = ($"{Long} /nowhere", []),
        ["a host"] = ($"GET /swagger\nHost: {Long}", []),
        ["a model"] = ($"GET /models/{Long}", []),
        ["a model of /v2"] = ($"GET /v2/models/{Long}", []),
        ["a version"] = ($"GET /v2/models/digits/versions/{Long}", []),
        ["a version of /infer"] = ($"POST /v2/models/digits/versions/{Long}/infer", EmptyJson),
        ["the name of a query parameter"] = ($"POST /predict?{Long}=1", Png),
        ["the model of a query"] = ($"POST /predict?model={Long}", Png),
        ["the value of explain"] = ($"POST /predict?explain={Long}", Png),
        ["the query of a batch"] = ($"POST /predict/batch?{Long}=1", Png),
        ["a content type"] = ($"POST /predict\nContent-Type: text/{Long}", Png),
        ["a content type of a batch"] = ($"POST /predict/batch\nContent-Type: text/{Long}", Png),
        ["a content type of /infer"] = ($"{Infer}\nContent-Type: text/{Long}", EmptyJson),
        ["a boundary"] = ($"POST /predict\nContent-Type: multipart/form-data; boundary={Long}", Png),
        ["a content encoding"] = ($"POST /predict\nContent-Encoding: {Long}", Png),
        ["a content encoding of /infer"] = ($"{Infer}\nContent-Encoding: {Long}", EmptyJson),
        ["the length of the JSON"] = ($"{Infer}\nInference-Header-Content-Length: {Long}", EmptyJson),
        ["Request-Timeout"] = ($"POST /predict\nRequest-Timeout: {Long}", Png),
        ["X-Request-Id"] = ($"POST /predict\nX-Request-Id: {Long}", Png),
        ["X-Request-Id of a wrong request"] = ($"POST /predict\nX-Request-Id: {Long}", []),
        ["X-API-Key"] = ($"POST /predict\nX-API-Key: {Long}", Png),
        ["traceparent"] = ($"POST /predict\ntraceparent: {Long}", []),
        ["tracestate"] = (
            $"POST /predict\ntraceparent: 00-{new string('a', 32)}-{new string('b', 16)}-01\ntracestate: a={Long}", []),
        ["an origin"] = ($"POST /predict\nOrigin: https://{Long}", []),
        ["the headers that a page asks for"] = (
            "OPTIONS /predict\nOrigin: https://example.org\nAccess-Control-Request-Method: POST\n"
            + $"Access-Control-Request-Headers: {Long}", []),
        ["the method that a page asks for"] = (
            $"OPTIONS /predict\nOrigin: https://example.org\nAccess-Control-Request-Method: {Long}", []),
        ["forwarded headers"] = (
            $"POST /predict\nX-Forwarded-For: {Long}\nX-Forwarded-Proto: {Long}\nX-Forwarded-Host: {Long}", []),
        ["a header of any name"] = ($"POST /predict\n{Long}: {Long}", []),
        ["a cookie and other usual headers"] = (
            $"POST /predict\nCookie: {Long}\nUser-Agent: {Long}\nReferer: {Long}\nAccept: {Long}", []),
        ["a form's field"] = Form($"form-data; name=\"{Long}\""),
        ["a form's fields"] = Form([.. Enumerable.Range(0, 20).Select(n => $"form-data; name=\"{n}{Long}\"")]),
        ["a form's file name"] = Form($"form-data; name=\"file\"; filename=\"{Long}\""),
        ["a form's header line of more than 8 KiB"] = Form($"form-data; name=\"{Long}{Long}\""),
        ["an input's name"] = Json($$"""{"inputs":[{"name":"{{Long}}","shape":[1],"datatype":"FP32"}]}"""),
        ["an input's name with escapes"] =
            Json($$"""{"inputs":[{"name":"\u0051{{Long}}","shape":[1],"datatype":"FP32"}]}"""),
        ["an input's datatype"] =
            Json($$"""{"inputs":[{"name":"rows","shape":[1],"datatype":"{{Long}}","data":[1]}]}"""),
        ["an output's name"] = Json($$"""{"inputs":[],"outputs":[{"name":"{{Long}}"}]}"""),
        ["an id"] = Json($$"""{"id":"{{Long}}"}"""),
        ["an id of an answer"] = Json(InferRequests.SampleCall($$""","id":"{{Long}}" """)),
        ["a property"] = Json($$"""{"{{Long}}":1}"""),
        ["a parameter"] = Json($$"""{"parameters":{"{{Long}}":[]} }"""),
        ["something like true"] = Json($$"""{"id":tr{{Long}}"""),
        ["something like null behind strings"] = Json($$"""{"a":"\"true\\","b":[true,false,null],"id":n{{Long}}"""),
        ["something like nothing"] = Json($$"""{"id":{{Long}}"""),
        ["something behind the JSON"] = Json($$"""{} {{Long}}"""),
        ["base64"] = Json(InferRequests.Call("[1]", $"[\"{Long}\"]", "BYTES")),
    };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_long_text_is_never_echoed_in_full(string place)
    {
        (string head, byte[] body) = Requests[place];

        string answer = await SendAsync(head, body);
        string metrics = await _service.Client.GetStringAsync("/metrics");

        answer.ShouldStartWith("HTTP/1.1 ");
        LongestEcho(answer).ShouldBeLessThanOrEqualTo(Excerpt.MaxLength, answer[..Math.Min(answer.Length, 500)]);
        LongestEcho(metrics).ShouldBeLessThanOrEqualTo(Excerpt.MaxLength);
        LongestEcho(_service.Output).ShouldBeLessThanOrEqualTo(Excerpt.MaxLength);
    }

    [Fact]
    public async Task The_echoed_texts_are_long_enough_to_be_found()
    {
        string answer = await SendAsync($"POST /predict?model={Long}", []);

        LongestEcho(answer).ShouldBe(Excerpt.MaxLength - 1);
        answer.ShouldContain("Q…'");
    }

    [Fact]
    public async Task An_invalid_JSON_literal_is_not_echoed_with_all_that_follows()
    {
        // 60 MB: copied into an exception's message, they would take 240 MB.
        byte[] body = new byte[60_000_000];
        body.AsSpan().Fill((byte)'x');
        "{\"id\":tr"u8.CopyTo(body);
        await SendAsync(Infer, "{\"id\":tr"u8.ToArray());
        long before = _service.ResidentBytes();

        string answer = await SendAsync(Infer, body);

        answer.ShouldContain("The JSON cannot be read");
        answer.Length.ShouldBeLessThan(1000);
        (_service.PeakBytes() - before).ShouldBeLessThan(2 * body.Length);
    }

    [Theory]
    [InlineData(64, 200)]
    [InlineData(65, 400)]
    public async Task An_id_of_up_to_64_characters_is_repeated(int length, int status)
    {
        string id = new('Q', length);

        (string head, byte[] body) = Json(InferRequests.SampleCall($",\"id\":\"{id}\""));
        string answer = await SendAsync(head, body);

        answer.ShouldStartWith($"HTTP/1.1 {status} ");
        answer.ShouldContain(status == 200 ? $"\"id\":\"{id}\"" : "'id' must be a string of at most 64 characters.");
    }

    private static int LongestEcho(string text) =>
        Echo().Matches(text).Select(match => match.Length / match.Groups[1].Length).DefaultIfEmpty().Max();

    private static (string Head, byte[] Body) Json(string json) => (Infer, Encoding.UTF8.GetBytes(json));

    private static (string Head, byte[] Body) Form(params string[] dispositions) => (
        "POST /predict\nContent-Type: multipart/form-data; boundary=x",
        Encoding.UTF8.GetBytes(string.Concat(dispositions.Select(PartOf)) + "--x--\r\n"));

    private static string PartOf(string disposition) => $"--x\r\nContent-Disposition: {disposition}\r\n\r\n1\r\n";

    /// <summary>Sends a request as it is and reads the whole answer.</summary>
    private async Task<string> SendAsync(string head, byte[] body)
    {
        string[] lines = head.Split('\n');
        string host = head.Contains("\nHost:", StringComparison.Ordinal) ? "" : "Host: localhost\r\n";
        string headers = host + string.Concat(lines[1..].Select(line => line + "\r\n"));
        byte[] bytes = Encoding.UTF8.GetBytes(
            $"{lines[0]} HTTP/1.1\r\n{headers}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        using var client = new TcpClient();
        await client.ConnectAsync(_service.Address.Host, _service.Address.Port);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(bytes);
        await stream.WriteAsync(body);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer);
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    /// <summary>The letter again and again, as such or in one of the forms in which an answer may write it.</summary>
    [GeneratedRegex("(Q|q|%51%0A|Q%0A|UVFR)\\1{9,}")]
    private static partial Regex Echo();

    /// <summary>One service, whose log has everything that the tests did to it.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal ServiceProcess? Service { get; private set; }

        public async ValueTask InitializeAsync() =>
            Service = await ServiceProcess.StartAsync("--cors-origins", "*", "--trusted-proxies", "127.0.0.1");

        public async ValueTask DisposeAsync()
        {
            if (Service is not null)
            {
                await Service.DisposeAsync();
            }
        }
    }
}
