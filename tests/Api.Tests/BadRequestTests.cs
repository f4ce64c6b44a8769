using System.Buffers.Binary;
using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

/// <summary>Everything a client can do wrong gets its problem and leaves the service well.</summary>
public sealed class BadRequestTests(SharedService shared) : IClassFixture<SharedService>
{
    private const int MiB = 1024 * 1024;
    private const string FormType = "multipart/form-data; boundary=x";

    /// <summary>
    /// Offset of width and height in a PNG file: after the signature and the chunk's length and type.
    /// </summary>
    private const int PngSizeOffset = 16;

    private static readonly byte[] Sample =
        GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);
    private static readonly byte[] Blank =
        GrayPng.Encode(new byte[RowSequence.Length], RowSequence.Features, RowSequence.TimeSteps);
    private static readonly byte[] Text = "This is no picture."u8.ToArray();
    private static readonly byte[] Svg =
        "<svg xmlns='http://www.w3.org/2000/svg' width='28' height='28'><path d='M5 5h9'/></svg>"u8.ToArray();

    public static TheoryData<string, int, string> Cases => new()
    {
        { "empty body", 400, "no-file" },
        { "no body at all", 400, "no-file" },
        { "empty file in a form", 400, "no-file" },
        { "form without parts", 400, "no-file" },
        { "wrong field", 400, "no-file" },
        { "two files", 400, "several-files" },
        { "cut multipart", 400, "malformed-multipart" },
        { "multipart without its boundary", 400, "malformed-multipart" },
        { "multipart that names no boundary", 400, "malformed-multipart" },
        { "multipart with a nameless part", 400, "malformed-multipart" },
        { "multipart of dashes", 400, "malformed-multipart" },
        { "misspelled query parameter", 400, "bad-query" },
        { "explain that is neither true nor false", 400, "bad-query" },
        { "two models", 400, "bad-query" },
        { "unknown model", 404, "unknown-model" },
        { "unknown model with a path", 404, "unknown-model" },
        { "80 MB", 413, "body-too-large" },
        { "80 MB of unknown length", 413, "body-too-large" },
        { "80 MB in a form", 413, "body-too-large" },
        { "header of 60000 x 60000 pixels", 413, "too-many-pixels" },
        { "text", 415, "not-an-image" },
        { "text in a form", 415, "not-an-image" },
        { "random bytes", 415, "not-an-image" },
        { "SVG", 415, "not-an-image" },
        { "truncated picture", 415, "damaged-image" },
        { "header of 0 x 0 pixels", 415, "damaged-image" },
        { "JSON without a picture", 400, "no-file" },
        { "URL-encoded form without a picture", 400, "no-file" },
        { "HTML", 415, "unsupported-media-type" },
        { "multipart that is no form", 415, "unsupported-media-type" },
        { "blank picture", 422, "no-ink" },
        { "blank picture in a form", 422, "no-ink" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_bad_prediction_request_gets_its_problem_and_the_service_stays_healthy(
        string request, int status, string type)
    {
        (string query, HttpContent content) = Build(request);
        using var message = new HttpRequestMessage(HttpMethod.Post, "/predict" + query) { Content = content };
        message.Headers.TransferEncodingChunked = request.Contains("unknown length");

        using HttpResponseMessage response = await shared.Client.SendAsync(message);

        await ShouldBeProblemAsync(response, status, type);
        (await shared.Client.PredictAsync(Requests.Raw(Sample))).Digit.ShouldBe(GoldenSample.Digit);
    }

    [Theory]
    [InlineData("GET", "/predict", 405, "method-not-allowed")]
    [InlineData("PUT", "/predict", 405, "method-not-allowed")]
    [InlineData("DELETE", "/models", 405, "method-not-allowed")]
    [InlineData("POST", "/health/ready", 405, "method-not-allowed")]
    [InlineData("GET", "/nowhere", 404, "not-found")]
    [InlineData("POST", "/predict/nowhere", 404, "not-found")]
    [InlineData("GET", "/models/nobody", 404, "unknown-model")]
    [InlineData("GET", "/models/..%2f..%2fetc%2fpasswd", 404, "unknown-model")]
    public async Task A_wrong_address_or_method_gets_its_problem(string method, string path, int status, string type)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await shared.Client.SendAsync(request);

        await ShouldBeProblemAsync(response, status, type);
    }

    [Fact]
    public async Task A_batch_has_its_own_errors()
    {
        using HttpResponseMessage raw = await shared.Client.PostAsync("/predict/batch", Requests.Raw(Sample));
        using HttpResponseMessage wrongField = await shared.Client.PostAsync(
            "/predict/batch", Requests.Form("image", Sample));
        using HttpResponseMessage explained =
            await shared.Client.PostAsync("/predict/batch?explain=true", Requests.Form("files", Sample));
        using HttpResponseMessage tooMany =
            await shared.Client.PostAsync(
                "/predict/batch", Requests.Form("files", [.. Enumerable.Repeat(Sample, 129)]));

        await ShouldBeProblemAsync(raw, 415, "unsupported-media-type");
        await ShouldBeProblemAsync(wrongField, 400, "no-file");
        await ShouldBeProblemAsync(explained, 400, "bad-query");
        await ShouldBeProblemAsync(tooMany, 413, "too-many-files");
    }

    [Fact]
    public async Task A_body_that_is_not_HTTP_gets_a_problem()
    {
        string answer = await SendBytesAsync(
            "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nTransfer-Encoding: "
            + "chunked\r\n\r\nno length\r\n",
            shared.Service.Address);

        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain("\"type\":\"/problems/bad-request\"");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Content-Encoding: gzip\r\n")]
    [InlineData("Content-Encoding: br\r\n")]
    public async Task A_body_that_does_not_arrive_in_time_gets_a_problem(string header)
    {
        await using RunningService hasty = await RunningService.StartAsync(
            "--request-timeout", "200ms", "--min-upload-rate", "0");

        string answer = await SendBytesAsync(
            "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                + "image/png\r\n" + header + "Content-Length: 1000\r\n\r\n\u001f",
            hasty.Address);

        answer.ShouldStartWith("HTTP/1.1 408 ");
        answer.ShouldContain("\"type\":\"/problems/upload-timeout\"");
        answer.ShouldContain("The body did not arrive in time.");
    }

    [Fact]
    public async Task Mangled_requests_never_make_a_500()
    {
        var random = new Random(20_261_124);
        using MultipartFormDataContent content = Requests.Form("file", Sample);
        byte[] form = await content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        string formType = content.Headers.ContentType!.ToString();
        HashSet<HttpStatusCode> formAnswers = [];
        for (int i = 0; i < 300; i++)
        {
            byte[] body = [.. i % 2 == 0 ? Sample : form];
            for (int change = 0; change < i / 2 % 8; change++)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            body = i % 3 == 0 ? body[..random.Next(body.Length / 2, body.Length + 1)] : body;
            using HttpResponseMessage response =
                await shared.Client.PostAsync("/predict", Requests.Raw(body, i % 2 == 0 ? "image/png" : formType));

            ((int)response.StatusCode).ShouldBeLessThan(500);
            if (i % 2 == 1)
            {
                formAnswers.Add(response.StatusCode);
            }
        }

        formAnswers.ShouldContain(HttpStatusCode.OK);
        formAnswers.ShouldContain(HttpStatusCode.UnsupportedMediaType);
    }

    private static (string Query, HttpContent Content) Build(string request) => request switch
    {
        "empty body" => ("", Requests.Raw([])),
        "no body at all" => ("", new ReadOnlyMemoryContent(ReadOnlyMemory<byte>.Empty)),
        "empty file in a form" => ("", Requests.Form("file", [[]])),
        "form without parts" => ("", Requests.Raw("--x--\r\n"u8.ToArray(), FormType)),
        "wrong field" => ("", Requests.Form("image", Sample)),
        "two files" => ("", Requests.Form("file", Sample, Sample)),
        "cut multipart" => ("", Requests.Raw(CutForm(), FormType)),
        "multipart without its boundary" => ("", Requests.Raw(Text, FormType)),
        "multipart that names no boundary" => ("", Requests.Raw(CutForm(), "multipart/form-data")),
        "multipart with a nameless part" =>
            ("", Requests.Raw("--x\r\nContent-Type: image/png\r\n\r\nabc\r\n--x--\r\n"u8.ToArray(), FormType)),
        "multipart of dashes" => ("", Requests.Raw("--x\r\n--x\r\n--x\r\n"u8.ToArray(), FormType)),
        "misspelled query parameter" => ("?explian=true", Requests.Raw(Sample)),
        "explain that is neither true nor false" => ("?explain=perhaps", Requests.Raw(Sample)),
        "two models" => ("?model=digits&model=seed", Requests.Raw(Sample)),
        "unknown model" => ("?model=nobody", Requests.Raw(Sample)),
        "unknown model with a path" => ("?model=..%2Fdigits", Requests.Raw(Sample)),
        "80 MB" or "80 MB of unknown length" => ("", Requests.Raw(new byte[80 * MiB])),
        "80 MB in a form" => ("", Requests.Form("file", new byte[80 * MiB])),
        "header of 60000 x 60000 pixels" => ("", Requests.Raw(PngOfSize(60_000, 60_000))),
        "text" => ("", Requests.Raw(Text)),
        "text in a form" => ("", Requests.Form("file", Text)),
        "random bytes" => ("", Requests.Raw(RandomBytes())),
        "SVG" => ("", Requests.Raw(Svg, "image/svg+xml")),
        "truncated picture" => ("", Requests.Raw(Sample[..(Sample.Length / 2)])),
        "header of 0 x 0 pixels" => ("", Requests.Raw(PngOfSize(0, 0))),
        "JSON without a picture" => ("", Requests.Raw("{}"u8.ToArray(), "application/json")),
        "URL-encoded form without a picture" =>
            ("", Requests.Raw("name=five"u8.ToArray(), "application/x-www-form-urlencoded")),
        "HTML" => ("", Requests.Raw("<p>five</p>"u8.ToArray(), "text/html")),
        "multipart that is no form" => ("", Requests.Raw(CutForm(), "multipart/mixed; boundary=x")),
        "blank picture" => ("", Requests.Raw(Blank)),
        "blank picture in a form" => ("", Requests.Form("file", Blank)),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request, "no such case"),
    };

    private static byte[] CutForm() =>
        [.. "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"u8, .. Sample];

    private static byte[] RandomBytes()
    {
        byte[] bytes = new byte[1000];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A PNG file whose header, with a right checksum, announces another size.</summary>
    private static byte[] PngOfSize(int width, int height)
    {
        const int ChecksummedBytes = 17;
        byte[] png = [.. Sample];
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(PngSizeOffset), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(PngSizeOffset + 4), height);
        ReadOnlySpan<byte> header = png.AsSpan(PngSizeOffset - 4, ChecksummedBytes);
        BinaryPrimitives.WriteUInt32BigEndian(
            png.AsSpan(PngSizeOffset - 4 + ChecksummedBytes), Crc32.HashToUInt32(header));
        return png;
    }

    private static async Task ShouldBeProblemAsync(HttpResponseMessage response, int status, string type)
    {
        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonElement problem = await response.ReadJsonAsync();
        problem.GetProperty("type").GetString().ShouldBe($"/problems/{type}");
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.GetProperty("title").GetString().ShouldNotBeNullOrWhiteSpace();
        problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldEndWith(".");
    }

    /// <summary>Sends what no HTTP client would, and reads until the server closes.</summary>
    private static async Task<string> SendBytesAsync(string bytes, Uri address)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(bytes));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer).WaitAsync(ServiceProcess.Patience);
        }
        catch (IOException)
        {
            // The server resets a connection on which it gave up; what it said before is what counts.
        }

        return Encoding.ASCII.GetString(answer.ToArray());
    }
}
