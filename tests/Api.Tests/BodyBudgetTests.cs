using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Tests.OpenInference;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.Tests;

/// <summary>The bodies of all requests together have a bound, and a body that stalls is not waited for.</summary>
public sealed class BodyBudgetTests
{
    private const int MiB = 1024 * 1024;

    private static readonly byte[] Sample = InferRequests.SamplePng;

    public static TheoryData<string, string> Endpoints => new()
    {
        { "/predict", "image/png" },
        { "/predict/batch", "multipart/form-data; boundary=x" },
        { InferRequests.Infer, "application/json" },
        { InferRequests.Infer, "application/octet-stream" },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Stalled_uploads_hold_limited_memory_and_small_pictures_are_still_read(string path, string type)
    {
        // Large bodies may use three quarters of 8 MiB: two of 3 MiB fill them.
        await using RunningService service = await RunningService.StartAsync(
            "--max-upload-bytes", $"{4 * MiB}", "--max-batch-upload-bytes", $"{4 * MiB}", "--max-total-upload-bytes",
            $"{8 * MiB}");
        using TcpClient first = await StallAsync(service.Address, path, type);
        using TcpClient second = await StallAsync(service.Address, path, type);
        await ServiceProcess.EventuallyAsync(() => service.Bodies.Held == 6 * MiB);

        using HttpResponseMessage refused = await service.Client.PostAsync(path, Requests.Raw(new byte[3 * MiB], type));

        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        JsonElement problem = await refused.ReadJsonAsync();
        (problem.TryGetProperty("detail", out JsonElement detail) ? detail : problem.GetProperty("error")).GetString()
            .ShouldBe("The uploads in memory have reached their limit. Send it again in a moment.");
        (await service.Client.PredictAsync(Requests.Raw(Sample))).Digit.ShouldBe(GoldenSample.Digit);
        await ServiceProcess.EventuallyAsync(() => service.Bodies.Held == 6 * MiB);

        first.Close();
        second.Close();
        await ServiceProcess.EventuallyAsync(() => service.Bodies.Held == 0);
    }

    [Fact]
    public async Task No_answer_leaves_bytes_in_the_budget()
    {
        await using RunningService service = await RunningService.StartAsync(
            "--request-timeout", "300ms", "--max-upload-bytes", "2000", "--min-upload-rate", "0");
        byte[] call = Encoding.UTF8.GetBytes(InferRequests.SampleCall());

        await PostAsync("/predict", Sample, "image/png", 200);
        await PostAsync("/predict", [1, 2, 3], "image/png", 415);
        await PostAsync("/predict", new byte[3000], "image/png", 413);
        await PostAsync("/predict?model=nobody", Sample, "image/png", 404);
        await PostAsync("/predict", [1, 2, 3], "multipart/form-data; boundary=x", 400);
        await PostAsync("/predict/batch", Sample, "multipart/form-data; boundary=x", 400);
        await PostAsync(InferRequests.Infer, call, "application/json", 200);
        await PostAsync(InferRequests.Infer, call[..^1], "application/json", 400);
        using (TcpClient late = await StallAsync(service.Address, "/predict", "image/png", announced: 2000, sent: 1000))
        {
            (await ReadAsync(late)).ShouldContain("The body did not arrive in time.");
        }

        using (TcpClient chunked = await SendAsync(
            service.Address,
            "POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nnonsense\r\n"))
        {
            (await ReadAsync(chunked)).ShouldStartWith("HTTP/1.1 400 ");
        }

        await ServiceProcess.EventuallyAsync(() => service.Bodies.Held == 0);

        async Task PostAsync(string path, byte[] body, string type, int status)
        {
            using HttpResponseMessage response = await service.Client.PostAsync(path, Requests.Raw(body, type));
            ((int)response.StatusCode).ShouldBe(status, path);
            await ServiceProcess.EventuallyAsync(
                () => service.Bodies.Held == 0, () => $"{path} {status}: {service.Bodies.Held}");
        }
    }

    [Theory]
    [InlineData("/predict")]
    [InlineData("/predict/batch")]
    [InlineData("/predict/digits")]
    [InlineData("/corrections?digit=3")]
    [InlineData(InferRequests.Infer)]
    public async Task A_body_is_released_before_its_answer_is_written(string path)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mnist-lstm-");
        var bytes = new ConcurrentQueue<long>();
        await using (RunningService service = await RunningService.StartAsync(
            app => app.Use(async (context, next) =>
            {
                Stream response = context.Response.Body;
                var answer = new WatchedStream(
                    () => bytes.Enqueue(app.Services.GetRequiredService<BodyBudget>().Held));
                context.Response.Body = answer;
                await next(context);
                await response.WriteAsync(answer.ToArray());
            }),
            "--corrections", folder.FullName))
        {
            using HttpContent body = path == "/predict/batch" ? Requests.Form("files", Sample)
                : path == InferRequests.Infer ? InferRequests.Json(InferRequests.SampleCall())
                : Requests.Raw(Sample);
            using HttpResponseMessage response = await service.Client.PostAsync(path, body);

            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            bytes.ShouldNotBeEmpty();
            bytes.ShouldAllBe(held => held == 0);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_body_that_stalls_is_rejected_long_before_the_deadline()
    {
        // The server's own rule counts from the start of the body: after half a megabyte at once it would wait for half
        // an hour.
        await using RunningService service = await RunningService.StartAsync("--request-timeout", "1h");
        using TcpClient stalled = await StallAsync(
            service.Address, "/predict", "image/png", announced: MiB, sent: MiB / 2);

        string answer = await ReadAsync(stalled);

        answer.ShouldStartWith("HTTP/1.1 408 ");
        answer.ShouldContain("The body arrived too slowly.");
    }

    [Fact]
    public async Task A_compressed_body_that_stalls_is_rejected_and_leaves_no_failure_in_the_log()
    {
        byte[] startOfGzip = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            "--request-timeout", "300ms", "--min-upload-rate", "0");
        using TcpClient stalled = await SendAsync(
            service.Address,
            "POST /predict HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n",
            startOfGzip);

        string answer = await ReadAsync(stalled);

        answer.ShouldStartWith("HTTP/1.1 408 ");
        answer.ShouldContain("The body did not arrive in time.");
        service.Terminate();
        await service.ExitAsync();
        service.Output.ShouldNotContain("fail: ");
    }

    [Fact]
    public async Task A_body_that_comes_slowly_but_steadily_is_read()
    {
        await using RunningService service = await RunningService.StartAsync("--min-upload-rate", "10");
        using TcpClient slow = await SendAsync(
            service.Address,
            $"POST /predict HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {Sample.Length}\r\n\r\n");

        foreach (byte[] piece in Sample.Chunk((Sample.Length / 14) + 1))
        {
            await slow.GetStream().WriteAsync(piece);
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }

        (await ReadAsync(slow)).ShouldStartWith("HTTP/1.1 200 ");
    }

    [Fact]
    public async Task A_timed_out_wait_never_cancels_the_next_request_on_the_connection()
    {
        var reader = new LateCancellation();
        var context = new DefaultHttpContext();
        context.Features.Set<IRequestBodyPipeFeature>(new BodyFeature(reader));
        var budget = new BodyBudget(ServiceOptions.Read(new SettingReader(new ConfigurationBuilder().Build())));

        using UploadedBody body = await UploadedBody.ReadAsync(
            context, 1000, Deadline.After(TimeSpan.FromMilliseconds(20)), budget);

        reader.IsCanceling.ShouldBeFalse();
    }

    private static Task<TcpClient> StallAsync(
        Uri address, string path, string type, int announced = 4 * MiB, int sent = 3 * MiB) =>
        SendAsync(
            address, $"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\nContent-Length: {announced}\r\n\r\n",
            new byte[sent]);

    private static async Task<TcpClient> SendAsync(Uri address, string head, params byte[] body)
    {
        var client = new TcpClient { LingerState = new LingerOption(enable: true, seconds: 0) };
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body]);
        return client;
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        using var answer = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(answer).WaitAsync(ServiceProcess.Patience);
        }
        catch (IOException)
        {
            // The server resets a connection on which it gave up; what it said before is what counts.
        }

        return Encoding.ASCII.GetString(answer.ToArray());
    }

    private sealed class WatchedStream(Action onWrite) : MemoryStream
    {
        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            onWrite();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }

    private sealed class BodyFeature(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }

    /// <summary>The body arrives whole while its read is being canceled.</summary>
    private sealed class LateCancellation : PipeReader
    {
        private readonly TaskCompletionSource<ReadResult> _read = new(
            TaskCreationOptions.RunContinuationsAsynchronously);

        public volatile bool IsCanceling;

        public override void CancelPendingRead()
        {
            IsCanceling = true;
            _read.TrySetResult(new ReadResult(new("a body"u8.ToArray()), isCanceled: false, isCompleted: true));
            Thread.Sleep(TimeSpan.FromMilliseconds(200));
            IsCanceling = false;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            new(_read.Task);

        public override void AdvanceTo(SequencePosition consumed)
        {
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return false;
        }
    }
}
