using System.IO.Compression;
using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Api.Tests.OpenInference;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

/// <summary>Bodies with a Content-Encoding, at every address that reads a body.</summary>
public sealed class CompressedBodyTests(SharedService shared) : IClassFixture<SharedService>
{
    /// <summary>More than the largest body that any address takes, 64 MiB.</summary>
    private const int BombBytes = 100_000_000;

    private static readonly byte[] Sample =
        GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);

    private static readonly string[] Encodings = ["gzip", "deflate", "br", "GZIP"];

    public static TheoryData<string> Paths => ["/predict", "/predict form", "/predict/batch", InferRequests.Infer];

    public static TheoryData<string, string> Cases =>
        [.. Paths.SelectMany(path => Encodings.Select(encoding => (path.Data, encoding)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_compressed_body_is_read(string path, string encoding)
    {
        using HttpResponseMessage response = await PostAsync(path, encoding, body => Compress(body, encoding));

        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)response.StatusCode).ShouldBe(200, text);
        text.ShouldContain(path == InferRequests.Infer ? "\"probabilities\"" : $"\"digit\":{GoldenSample.Digit}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_body_that_is_not_compressed_as_its_header_says_is_rejected(string path, string encoding)
    {
        using HttpResponseMessage response = await PostAsync(path, encoding, body => [0xFF, .. body]);

        await ShouldBeRefusedAsync(response, 400, "not compressed as its Content-Encoding says");
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_body_that_needs_a_preset_dictionary_is_rejected(string path)
    {
        byte[] body = Convert.FromHexString("78bb1a0b045dcb403015c06c003b200691");

        using HttpResponseMessage response = await PostAsync(path, "deflate", _ => body);

        await ShouldBeRefusedAsync(response, 400, "not compressed as its Content-Encoding says");
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_small_body_that_expands_beyond_the_limit_is_rejected(string path)
    {
        byte[] bomb = Compress(new byte[BombBytes], "gzip");
        bomb.Length.ShouldBeLessThan(BombBytes / 500);

        using HttpResponseMessage response = await PostAsync(path, "gzip", _ => bomb);

        await ShouldBeRefusedAsync(response, 413, "The body is larger than");
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Another_encoding_is_rejected_with_a_list_of_the_supported_ones(string path)
    {
        foreach (string encoding in new[] { "zstd", "gzip, br", "compress" })
        {
            using HttpResponseMessage response = await PostAsync(path, encoding, body => body);

            await ShouldBeRefusedAsync(response, 415, $"'{encoding}'");
            response.Headers.GetValues("Accept-Encoding").Single().ShouldBe("gzip, deflate, br");
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Identity_means_no_encoding(string path)
    {
        using HttpResponseMessage response = await PostAsync(path, "identity", body => body);

        ((int)response.StatusCode).ShouldBe(200);
    }

    [Fact]
    public async Task A_compressed_body_that_is_truncated_is_rejected()
    {
        using HttpResponseMessage response = await PostAsync(
            "/predict", "gzip", body => Compress(body, "gzip")[..(body.Length / 2)]);

        await ShouldBeRefusedAsync(response, 415, "damaged");
    }

    [Fact]
    public async Task The_connection_stays_usable_after_a_compressed_body()
    {
        for (int i = 0; i < 20; i++)
        {
            using HttpResponseMessage compressed = await PostAsync("/predict", "br", body => Compress(body, "br"));
            ((int)compressed.StatusCode).ShouldBe(200);
            (await shared.Client.PredictAsync(Requests.Raw(Sample))).Digit.ShouldBe(GoldenSample.Digit);
        }
    }

    private static async Task ShouldBeRefusedAsync(HttpResponseMessage response, int status, string words)
    {
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        JsonElement problem = await response.ReadJsonAsync();
        problem.TryGetProperty("error", out JsonElement error);
        string? sentence = error.ValueKind == JsonValueKind.String
            ? error.GetString()
            : problem.GetProperty("detail").GetString();
        sentence.ShouldNotBeNull().ShouldContain(words);
        sentence.ShouldEndWith(".");
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string encoding, Func<byte[], byte[]> compress)
    {
        HttpContent plain = path switch
        {
            "/predict" => Requests.Raw(Sample),
            "/predict form" => Requests.Form("file", Sample),
            "/predict/batch" => Requests.Form("files", Sample, Sample),
            _ => InferRequests.Json(InferRequests.SampleCall()),
        };
        HttpContent content = Requests.Raw(
            compress(await plain.ReadAsByteArrayAsync()), plain.Headers.ContentType!.ToString());
        foreach (string one in encoding.Split(", "))
        {
            content.Headers.ContentEncoding.Add(one);
        }

        return await shared.Client.PostAsync(path.Split(' ')[0], content);
    }

    private static byte[] Compress(byte[] body, string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream compressor = encoding.ToUpperInvariant() switch
        {
            "GZIP" => new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            "DEFLATE" => new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            _ => new BrotliStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
        })
        {
            compressor.Write(body);
        }

        return compressed.ToArray();
    }
}
