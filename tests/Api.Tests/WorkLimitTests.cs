using System.Net;
using System.Text.Json;
using MnistLstm.Api.Models;
using MnistLstm.Api.Tests.OpenInference;
using MnistLstm.Shared.Decoding;
using SkiaSharp;

namespace MnistLstm.Api.Tests;

/// <summary>
/// Reading the pictures of one request has a bound, ends at its deadline and when its client hangs up.
/// </summary>
public sealed class WorkLimitTests(WorkLimitTests.Fixture fixture) : IClassFixture<WorkLimitTests.Fixture>
{
    private const int Side = 5000;

    /// <summary>All of them take more than a second to decode on any machine.</summary>
    private const int Count = 80;

    private static readonly byte[] Large = Pictures.GrayPng(
        Pictures.Canvas(GoldenSample.Pixels, Side, Side, SKRect.Create(1500, 1500, 2000, 2000)), Side, Side);

    public static TheoryData<string> Calls => ["/predict/batch", "/v2 in JSON", "/v2 in binary"];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Pictures_are_read_until_the_deadline_and_no_longer(string call)
    {
        (string path, HttpContent content) = Request(call);
        content.Headers.Add("Request-Timeout", "0.3");
        double before = await fixture.Service.CountDecodedAsync();

        using HttpResponseMessage response = await fixture.Service.Client.PostAsync(path, content);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await DetailAsync(response)).ShouldContain("The deadline passed before the pictures were read.");
        await ShouldReadAnotherPictureAsync(before);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_client_that_hangs_up_frees_its_slot(string call)
    {
        (string path, HttpContent content) = Request(call);
        double before = await fixture.Service.CountDecodedAsync();

        using (var hangUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(300)))
        {
            await Should.ThrowAsync<OperationCanceledException>(
                fixture.Service.Client.PostAsync(path, content, hangUp.Token));
        }

        await ShouldReadAnotherPictureAsync(before);
    }

    [Theory]
    [InlineData("/predict/batch", 413)]
    [InlineData("/v2 in JSON", 400)]
    [InlineData("/v2 in binary", 400)]
    public async Task The_total_pixels_of_a_request_are_limited(string call, int status)
    {
        await using RunningService service = await RunningService.StartAsync("--max-request-pixels", "60000000");
        (string path, HttpContent content) = Request(call);

        using HttpResponseMessage response = await service.Client.PostAsync(path, content);

        ((int)response.StatusCode).ShouldBe(status);
        (await DetailAsync(response)).ShouldStartWith(
            $"The pictures have {(long)Count * Side * Side} pixels together; the limit for one request is 60000000.");
    }

    [Theory]
    [InlineData(4000, 3000)]
    [InlineData(4001, 2999)]
    public void Decoding_of_a_JPEG_can_be_canceled(int width, int height)
    {
        byte[] photo = Pictures.Encode(new byte[width * height], width, height, SKEncodedImageFormat.Jpeg, quality: 90);
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Should.Throw<OperationCanceledException>(() => ImageDecoder.Decode(
            photo, ImageHeader.Read(photo), ImageLimits.Default, out _, stop: stop.Token));
    }

    /// <summary>The only slot for large pictures is released before all pictures of the request are decoded.</summary>
    /// <param name="before">The pictures that were decoded before the request.</param>
    private async Task ShouldReadAnotherPictureAsync(double before)
    {
        (await fixture.Service.Client.PredictAsync(Requests.Raw(Large))).Digit.ShouldBe(GoldenSample.Digit);
        (await fixture.Service.CountDecodedAsync() - before).ShouldBeLessThan(Count);
    }

    private static (string Path, HttpContent Content) Request(string call)
    {
        byte[][] files = [.. Enumerable.Repeat(Large, Count)];
        byte[] elements = InferRequests.RawElements(files);
        return call switch
        {
            "/predict/batch" => (call, Requests.Form("files", files)),
            "/v2 in JSON" => (InferRequests.Infer, InferRequests.Json(InferRequests.Call(
                $"[{Count}]", JsonSerializer.Serialize(files.Select(Convert.ToBase64String)), "BYTES"))),
            _ => (InferRequests.Infer, InferRequests.Binary(
                InferRequests.BinaryCall($"[{Count}]", elements.Length, "BYTES"), elements)),
        };
    }

    private static async Task<string> DetailAsync(HttpResponseMessage response)
    {
        JsonElement problem = await response.ReadJsonAsync();
        return problem.GetProperty(problem.TryGetProperty("detail", out _) ? "detail" : "error").GetString()!;
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal ServiceProcess Service { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Service = await ServiceProcess.StartAsync(
            "--max-request-pixels", "2000000000", "--workers", "1", "--request-timeout", "1h");

        public ValueTask DisposeAsync() => Service.DisposeAsync();
    }
}
