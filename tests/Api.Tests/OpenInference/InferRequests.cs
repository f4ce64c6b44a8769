using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenInference;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>
/// Requests for inference as clients of the protocol send them, written out, and answers as they read them.
/// </summary>
internal static class InferRequests
{
    public const string Infer = "/v2/models/digits/infer";

    /// <summary>The built-in sample, [28, 28] intensities.</summary>
    public static readonly float[] Sample = Intensities(GoldenSample.Pixels);

    public static readonly byte[] SamplePng =
        GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);

    public static float[] Intensities(ReadOnlySpan<byte> pixels)
    {
        float[] rows = new float[pixels.Length];
        RowSequence.FromPixels(pixels, rows);
        return rows;
    }

    /// <summary>Numbers with commas between them, without brackets.</summary>
    public static string Numbers(IEnumerable<float> values) =>
        string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The same in brackets within brackets, as the shape [N, 28, 28] says.</summary>
    public static string Nested(float[] values) =>
        List(values.Chunk(784).Select(image => List(image.Chunk(28).Select(row => $"[{Numbers(row)}]"))));

    private static string List(IEnumerable<string> items) => $"[{string.Join(',', items)}]";

    /// <summary>A request with one input.</summary>
    /// <param name="shape">With brackets.</param>
    /// <param name="data">With brackets.</param>
    /// <param name="rest">More properties of the request, each after a comma.</param>
    public static string Call(string shape, string data, string datatype = "FP32", string rest = "") =>
        $$"""{"inputs":[{"name":"rows","shape":{{shape}},"datatype":"{{datatype}}","data":{{data}}}]{{rest}}}""";

    /// <summary>A request whose input follows as raw bytes.</summary>
    public static string BinaryCall(string shape, long bytes, string datatype = "FP32", string rest = "") =>
        $$"""{"inputs":[{"name":"rows","shape":{{shape}},"datatype":"{{datatype}}","parameters":"""
        + $$$"""{"binary_data_size":{{{bytes}}}}}]{{{rest}}}}""";

    public static string SampleCall(string rest = "") => Call("[1,28,28]", $"[{Numbers(Sample)}]", rest: rest);

    public static HttpContent Json(string json, string? contentType = "application/json") =>
        Requests.Raw(Encoding.UTF8.GetBytes(json), contentType);

    /// <param name="jsonLength">As the header says it; the JSON's own if null.</param>
    public static HttpContent Binary(string json, byte[] tensors, string? jsonLength = null)
    {
        byte[] text = Encoding.UTF8.GetBytes(json);
        HttpContent content = Requests.Raw([.. text, .. tensors], "application/octet-stream");
        content.Headers.TryAddWithoutValidation(
            InferenceProtocol.JsonLengthHeader, jsonLength ?? text.Length.ToString(CultureInfo.InvariantCulture));
        return content;
    }

    public static byte[] RawBytes(float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>BYTES as they lie in a binary body.</summary>
    public static byte[] RawElements(params byte[][] elements) =>
        [.. elements.SelectMany(element => BitConverter.GetBytes(element.Length).Concat(element))];

    public static async Task<JsonElement> InferAsync(this HttpClient client, HttpContent content, string path = Infer)
    {
        using HttpResponseMessage response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(200, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        return await response.ReadJsonAsync();
    }

    /// <summary>
    /// Eight large batches at once: a single worker computes one, one waits, and the queue may be full for the others.
    /// </summary>
    public static Task FloodAsync(this HttpClient client, Func<HttpResponseMessage, Task> onAnswer)
    {
        const int Images = 512;
        byte[] rows = RawBytes([.. Enumerable.Repeat(Sample, Images).SelectMany(sample => sample)]);
        return Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using HttpResponseMessage response = await client.PostAsync(
                new Uri(Infer, UriKind.Relative), Binary(BinaryCall($"[{Images},28,28]", rows.Length), rows));
            await onAnswer(response);
        }));
    }

    /// <summary>An answer with raw tensors behind its JSON.</summary>
    public static async Task<(JsonElement Json, byte[] Tensors)> InferBinaryAsync(
        this HttpClient client, HttpContent content, string path = Infer)
    {
        using HttpResponseMessage response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        ((int)response.StatusCode).ShouldBe(200, Encoding.UTF8.GetString(body));
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        int length = int.Parse(
            response.Headers.GetValues(InferenceProtocol.JsonLengthHeader)
            .Single(), NumberStyles.None, CultureInfo.InvariantCulture);
        using JsonDocument document = JsonDocument.Parse(body.AsMemory(0, length));
        return (document.RootElement.Clone(), body[length..]);
    }

    /// <summary>An output of an answer.</summary>
    public static JsonElement Output(this JsonElement answer, string name) =>
        answer.GetProperty("outputs").EnumerateArray().Single(output => output.GetProperty("name").GetString() == name);

    public static float[] Values(this JsonElement answer, string output) =>
        [.. answer.Output(output).GetProperty("data").EnumerateArray().Select(value => value.GetSingle())];

    /// <summary>The sentence of an error, in the protocol's form.</summary>
    public static async Task<string> ShouldBeErrorAsync(this HttpResponseMessage response, int status)
    {
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        JsonElement error = await response.ReadJsonAsync();
        error.EnumerateObject().Select(property => property.Name).ShouldBe(["error"]);
        string sentence = error.GetProperty("error").GetString().ShouldNotBeNull();
        sentence.ShouldEndWith(".");
        return sentence;
    }
}
