using System.Net;
using System.Text;
using MnistLstm.Api.Models;
using MnistLstm.Api.Tests.OpenInference;
using SkiaSharp;

namespace MnistLstm.Api.Tests;

/// <summary>Expensive work runs on dedicated threads, so that cheap work does not wait for it.</summary>
public sealed class ExpensiveWorkTests
{
    private const string Predict = "/predict";
    private const string Digits = "/predict/digits";
    private const string Batch = "/predict/batch";
    private const string Infer = "/v2/models/digits/infer";

    private static readonly byte[] Small = InferRequests.SamplePng;

    /// <summary>Bytes that take a while to parse.</summary>
    private const int Long = 1024 * 1024;

    /// <summary>A little more than a million pixels, in a file of a few kilobytes.</summary>
    private static readonly byte[] Large = Canvas(1100, 1000, SKEncodedImageFormat.Png);

    /// <summary>Three of them are.</summary>
    private static readonly byte[] Third = Canvas(700, 600, SKEncodedImageFormat.Png);

    [Theory]
    [InlineData("one picture", false)]
    [InlineData("a large picture", true)]
    [InlineData("a large JPEG", true)]
    [InlineData("digits", false)]
    [InlineData("digits in a picture of some size", true)]
    [InlineData("two pictures", false)]
    [InlineData("many pixels in several pictures", true)]
    [InlineData("a long form", true)]
    [InlineData("a long URL-encoded form", true)]
    [InlineData("long JSON with escapes", true)]
    [InlineData("long base64", true)]
    [InlineData("long base64 in several pictures", true)]
    [InlineData("a tensor", false)]
    [InlineData("many numbers", true)]
    [InlineData("a picture as the body", false)]
    [InlineData("a large picture as the body", true)]
    [InlineData("a picture within JSON", false)]
    [InlineData("a large picture within JSON", true)]
    public async Task Only_expensive_work_has_a_dedicated_thread(string what, bool isExpensive)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();

        (string path, HttpContent content) = Request(what);
        using HttpResponseMessage response = await service.Client.PostAsync(path, content);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        service.ThreadNames().Contains("decode worker").ShouldBe(isExpensive);
    }

    private static (string Path, HttpContent Content) Request(string what)
    {
        string base64 = Convert.ToBase64String(Small);
        byte[] rows = InferRequests.RawBytes(InferRequests.Sample);
        return what switch
        {
            "one picture" => (Predict, Requests.Raw(Small)),
            "a large picture" => (Predict, Requests.Raw(Large)),
            "a large JPEG" => (Predict, Requests.Raw(Canvas(1100, 1000, SKEncodedImageFormat.Jpeg), "image/jpeg")),
            "digits" => (Digits, Requests.Raw(Small)),
            "digits in a picture of some size" => (Digits, Requests.Raw(Third)),
            "two pictures" => (Batch, Requests.Form("files", Small, Small)),
            "many pixels in several pictures" => (Batch, Requests.Form("files", Third, Third, Third)),
            "a long form" => (Predict, new MultipartFormDataContent
            {
                { Requests.Raw(new byte[Long]), "note" },
                { Requests.Raw(Small), "file" },
            }),
            "a long URL-encoded form" => (Predict, Requests.Raw(
                Ascii($"image={Uri.EscapeDataString(base64)}{Repeat("%20")}"), "application/x-www-form-urlencoded")),
            "long JSON with escapes" => (Predict, Requests.Raw(
                Ascii($"\"{base64}{Repeat("\\u0020")}\""), "application/json")),
            "long base64" => (Predict, Requests.Raw(Ascii(base64 + Repeat(" ")), "text/plain")),
            "long base64 in several pictures" => (Batch, Requests.Form("files", Small, Ascii(base64 + Repeat(" ")))),
            "a tensor" => (Infer, InferRequests.Binary(InferRequests.BinaryCall("[1,28,28]", rows.Length), rows)),
            "many numbers" => (Infer, InferRequests.Json(ManyNumbers(images: 200))),
            "a picture as the body" => (Infer, InferRequests.Binary(string.Empty, Small)),
            "a large picture as the body" => (Infer, InferRequests.Binary(string.Empty, Large)),
            "a picture within JSON" => (Infer, WithinJson(Small)),
            "a large picture within JSON" => (Infer, WithinJson(Large)),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
    }

    private static HttpContent WithinJson(byte[] picture) =>
        InferRequests.Json(InferRequests.Call("[1]", $"[\"{Convert.ToBase64String(picture)}\"]", "BYTES"));

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static string Repeat(string blank) => string.Concat(Enumerable.Repeat(blank, 1 + (Long / blank.Length)));

    private static byte[] Canvas(int width, int height, SKEncodedImageFormat format)
    {
        byte[] pixels = Pictures.Canvas(GoldenSample.Pixels, width, height, SKRect.Create(200, 200, 300, 300));
        return Pictures.Encode(pixels, width, height, format, quality: 90);
    }

    private static string ManyNumbers(int images) =>
        InferRequests.Call($"[{images},28,28]",
            $"[{InferRequests.Numbers(Enumerable.Repeat(InferRequests.Sample, images).SelectMany(sample => sample))}]");
}
