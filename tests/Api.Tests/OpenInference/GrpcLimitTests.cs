using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using MnistLstm.Api.OpenInference.Wire;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>Keys, limits and the end of the service hold for gRPC as they do for REST.</summary>
public sealed class GrpcLimitTests
{
    private const string Key = "a-key-of-the-tests-0123456789";

    private const int Messages = 20_000;
    private const int TooManyParts = 1_000_000;
    private const int Seed = 20_261_129;

    /// <summary>For all random messages; they take about 8 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly StatusCode[] Answers = [StatusCode.InvalidArgument, StatusCode.NotFound];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_comes_as_metadata()
    {
        await using GrpcClient grpc =
            await GrpcClient.StartAsync("--api-keys", Convert.ToHexStringLower(KeyHash.Of(Key)));
        ModelInferRequest request = GrpcClient.Rows(InferRequests.Sample);
        var health = new Grpc.Health.V1.Health.HealthClient(grpc.Channel);

        Status without = await grpc.Calls.ModelInferAsync(request, cancellationToken: Stop).ShouldFailAsync();
        Status wrong = await grpc.Calls.ModelInferAsync(
            request, new Metadata { { "x-api-key", "wrong" } }, cancellationToken: Stop).ShouldFailAsync();
        ModelInferResponse answer =
            await grpc.Calls.ModelInferAsync(request, new Metadata { { "x-api-key", Key } }, cancellationToken: Stop);
        HealthCheckResponse open = await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Stop);

        without.StatusCode.ShouldBe(StatusCode.Unauthenticated);
        without.Detail.ShouldStartWith("The request has no API key. Send the key");
        wrong.StatusCode.ShouldBe(StatusCode.Unauthenticated);
        answer.Outputs.Count.ShouldBe(2);
        open.Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
        (await grpc.Calls.ServerReadyAsync(new ServerReadyRequest(), cancellationToken: Stop)).Ready.ShouldBeTrue();
    }

    [Fact]
    public async Task A_client_that_calls_too_often_exhausts_its_quota()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync("--rate-limit", "1");
        ModelInferRequest request = GrpcClient.Rows(InferRequests.Sample);
        await grpc.Calls.ModelInferAsync(request, cancellationToken: Stop);

        Status status = await grpc.Calls.ModelInferAsync(request, cancellationToken: Stop).ShouldFailAsync();

        status.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
    }

    [Fact]
    public async Task A_full_queue_and_full_memory_are_unavailable()
    {
        await using GrpcClient grpc =
            await GrpcClient.StartAsync("--queue-length", "1", "--workers", "1", "--max-batch", "1");
        float[] rows = [.. Enumerable.Repeat(InferRequests.Sample, 512).SelectMany(sample => sample)];

        Status[] statuses = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                await grpc.Calls.ModelInferAsync(GrpcClient.RawRows(rows), cancellationToken: Stop);
                return Status.DefaultSuccess;
            }
            catch (RpcException e)
            {
                return e.Status;
            }
        }));
        await using GrpcClient small = await GrpcClient.StartAsync(
            "--max-batch-upload-bytes", "1000000", "--max-total-upload-bytes", "1333338",
            "--max-upload-bytes", "1000000");
        Task<Status>[] uploads = [.. Enumerable.Range(0, 20).Select(_ => FailAsync(small, new byte[900_000]))];

        statuses.ShouldContain(status =>
            status.StatusCode == StatusCode.Unavailable && status.Detail.Contains("waiting"));
        statuses.ShouldAllBe(status =>
            status.StatusCode == StatusCode.OK || status.StatusCode == StatusCode.Unavailable);
        (await Task.WhenAll(uploads)).ShouldContain(status => status.StatusCode == StatusCode.Unavailable);
        small.Service.Bodies.Held.ShouldBe(0);
    }

    [Fact]
    public async Task The_service_s_time_limit_ends_a_call_without_one()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync("--request-timeout", "1ms");
        float[] rows = [.. Enumerable.Repeat(InferRequests.Sample, 200).SelectMany(sample => sample)];
        List<StatusCode> codes = [];
        for (int i = 0; i < 20; i++)
        {
            codes.Add((await grpc.Calls.ModelInferAsync(GrpcClient.RawRows(rows), cancellationToken: Stop)
                .ShouldFailAsync()).StatusCode);
        }

        // A client that is still sending sees the reset of the stream before the status.
        codes.ShouldAllBe(code => code == StatusCode.DeadlineExceeded || code == StatusCode.Cancelled);
        codes.ShouldContain(StatusCode.DeadlineExceeded);
    }

    [Fact]
    public async Task The_service_s_time_limit_interrupts_the_decoding_of_pictures()
    {
        await using GrpcProcess grpc = await GrpcProcess.StartAsync("--request-timeout", "300ms");
        double before = await grpc.CountDecodedAsync();

        Status status =
            await grpc.Calls.ModelInferAsync(GrpcProcess.SlowRequest, cancellationToken: Stop).ShouldFailAsync();

        status.StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
        (await grpc.CountDecodedAsync() - before).ShouldBeLessThan(GrpcProcess.SlowPictures);
    }

    [Fact]
    public async Task Random_messages_are_answered_or_rejected()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync();
        byte[][] valid =
        [
            GrpcClient.RawRows(InferRequests.Sample).ToByteArray(),
            GrpcClient.Rows(InferRequests.Sample).ToByteArray(),
            GrpcClient.Pictures(InferRequests.SamplePng, InferRequests.SamplePng).ToByteArray(),
        ];
        int answered = 0;
        using var patience = new CancellationTokenSource(Patience);

        await Parallel.ForAsync(0, Messages, new ParallelOptions
        {
            MaxDegreeOfParallelism = 16,
            CancellationToken = patience.Token,
        }, async (i, _) =>
        {
            var random = new Random(Seed + i);
            RpcException? error = await grpc.SendBytesAsync(Change(valid[random.Next(valid.Length)], random));
            Interlocked.Add(ref answered, error is null ? 1 : 0);
            if (error is not null)
            {
                Answers.ShouldContain(error.StatusCode, $"message {i}: {error.Status}");
            }
        });

        answered.ShouldBeInRange(Messages / 20, Messages - (Messages / 5));
        grpc.Service.Bodies.Held.ShouldBe(0);
        (await grpc.Calls.ModelInferAsync(GrpcClient.Rows(InferRequests.Sample),
            cancellationToken: Stop)).Outputs.Count.ShouldBe(2);
    }

    /// <summary>The parser keeps them as unknown fields, in objects that are much larger than the message.</summary>
    [Fact]
    public async Task Groups_in_the_place_of_numbers_and_fields_in_them_count_as_parts()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync();
        const int Field = InferTensorContents.Fp32ContentsFieldNumber;
        byte start = Tag(Field, WireFormat.WireType.StartGroup);
        byte end = Tag(Field, WireFormat.WireType.EndGroup);
        byte[] oneByte = [Tag(Field, WireFormat.WireType.LengthDelimited), 1, 0];

        foreach (byte[] contents in new byte[][]
        {
            [.. Enumerable.Repeat<byte[]>([start, end], TooManyParts).SelectMany(group => group)],
            [start, .. Enumerable.Repeat(oneByte, TooManyParts).SelectMany(field => field), end],
        })
        {
            RpcException? error = await grpc.SendBytesAsync(Nest(
                Tag(ModelInferRequest.InputsFieldNumber, WireFormat.WireType.LengthDelimited),
                Nest(
                    Tag(
                        ModelInferRequest.Types.InferInputTensor.ContentsFieldNumber,
                        WireFormat.WireType.LengthDelimited),
                    contents)));

            error.ShouldNotBeNull().StatusCode.ShouldBe(StatusCode.ResourceExhausted);
            error.Status.Detail.ShouldStartWith("The message has more than");
        }
    }

    /// <summary>The parser takes a length of 2^32 for 0, and reads fields after it.</summary>
    [Fact]
    public async Task A_length_of_more_than_32_bits_hides_no_parts()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync();
        byte[] length = [0x80, 0x80, 0x80, 0x80, 0x10];
        byte[] output = [Tag(ModelInferRequest.OutputsFieldNumber, WireFormat.WireType.LengthDelimited), 0];

        RpcException? error = await grpc.SendBytesAsync(
            [
                Tag(ModelInferRequest.RawInputContentsFieldNumber, WireFormat.WireType.LengthDelimited), .. length,
                .. Enumerable.Repeat(output, TooManyParts).SelectMany(field => field),
            ]);

        error.ShouldNotBeNull().StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        error.Status.Detail.ShouldStartWith("The message has more than");
    }

    [Fact]
    public async Task Calls_count_as_predictions_and_rejections()
    {
        await using GrpcProcess grpc = await GrpcProcess.StartAsync();
        float[] twoRows = [.. InferRequests.Sample, .. InferRequests.Sample];
        await grpc.Calls.ModelInferAsync(GrpcClient.Rows(twoRows), cancellationToken: Stop);
        await grpc.Calls.ModelInferAsync(GrpcClient.Rows(twoRows, "nobody"), cancellationToken: Stop).ShouldFailAsync();

        var metrics = PrometheusText.Parse(await grpc.Service.Client.GetStringAsync("/metrics", Stop));

        metrics.Sum("mnist_lstm_predictions_total").ShouldBe(2);
        metrics.Sum("mnist_lstm_refusals_total").ShouldBe(1);
    }

    [Fact]
    public async Task Shutdown_loses_no_call_and_ends_watchers()
    {
        GrpcClient grpc = await GrpcClient.StartAsync("--queue-length", "100000");
        var health = new Grpc.Health.V1.Health.HealthClient(grpc.Channel);
        using AsyncServerStreamingCall<HealthCheckResponse> watch =
            health.Watch(new HealthCheckRequest(), cancellationToken: Stop);
        (await watch.ResponseStream.MoveNext(Stop)).ShouldBeTrue();
        float[] rows = [.. Enumerable.Repeat(InferRequests.Sample, 256).SelectMany(sample => sample)];
        await grpc.Calls.ModelInferAsync(GrpcClient.RawRows(rows), cancellationToken: Stop);
        AsyncUnaryCall<ModelInferResponse>[] calls =
            [.. Enumerable.Range(0, 20)
                .Select(_ => grpc.Calls.ModelInferAsync(GrpcClient.RawRows(rows), cancellationToken: Stop))];
        await calls[0];

        // Headers are sent in the order of the calls: an answer to a later one shows that the service has them all.
        await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Stop);
        await grpc.DisposeServiceAsync();

        ModelInferResponse[] answers = await Task.WhenAll(calls.Select(call => call.ResponseAsync));
        answers.ShouldAllBe(answer => answer.Outputs.Count == 2);
        (await watch.ResponseStream.MoveNext(Stop)).ShouldBeTrue();
        watch.ResponseStream.Current.Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.NotServing);
        (await watch.ResponseStream.MoveNext(Stop)).ShouldBeFalse();
        grpc.Channel.Dispose();
    }

    [Fact]
    public async Task Watchers_are_limited_in_number()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync("--max-concurrent-requests", "1");
        var health = new Grpc.Health.V1.Health.HealthClient(grpc.Channel);
        using AsyncServerStreamingCall<HealthCheckResponse> first =
            health.Watch(new HealthCheckRequest(), cancellationToken: Stop);
        (await first.ResponseStream.MoveNext(Stop)).ShouldBeTrue();

        using AsyncServerStreamingCall<HealthCheckResponse> second =
            health.Watch(new HealthCheckRequest(), cancellationToken: Stop);

        Status status = (await Should.ThrowAsync<RpcException>(() => second.ResponseStream.MoveNext(Stop))).Status;
        status.StatusCode.ShouldBe(StatusCode.Unavailable);
        status.Detail.ShouldStartWith("The limit of watchers is 1.");
    }

    [Fact]
    public async Task Without_the_option_gRPC_is_off()
    {
        await using RunningService service = await RunningService.StartAsync();

        service.Services.GetService(typeof(Grpc.AspNetCore.Server.IGrpcServiceActivator<>)).ShouldBeNull();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/inference.GRPCInferenceService/ServerLive");
        using HttpResponseMessage response = await service.Client.SendAsync(request, Stop);
        ((int)response.StatusCode).ShouldBe(404);
    }

    private static byte Tag(int field, WireFormat.WireType type) => (byte)WireFormat.MakeTag(field, type);

    /// <summary>A message with one field, which holds another message.</summary>
    private static byte[] Nest(byte tag, byte[] message)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteRawTag(tag);
            output.WriteBytes(ByteString.CopyFrom(message));
        }

        return stream.ToArray();
    }

    private static async Task<Status> FailAsync(GrpcClient grpc, byte[] file)
    {
        try
        {
            await grpc.Calls.ModelInferAsync(GrpcClient.Pictures(file), cancellationToken: Stop);
            return Status.DefaultSuccess;
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }

    /// <summary>
    /// Another byte, a piece taken out, or a piece doubled; half of the changes are among the first bytes, and some
    /// messages stay.
    /// </summary>
    private static byte[] Change(byte[] message, Random random)
    {
        for (int changes = random.Next(0, 4); changes > 0 && message.Length > 0; changes--)
        {
            int start = random.Next(random.Next(2) == 0 ? Math.Min(60, message.Length) : message.Length);
            int end = random.Next(start, Math.Min(message.Length, start + 20) + 1);
            message = random.Next(4) switch
            {
                0 => [.. message[..start], (byte)random.Next(256), .. message[(start + 1)..]],
                1 => [.. message[..start], .. message[end..]],
                2 => [.. message[..end], .. message[start..]],
                _ => message[..start],
            };
        }

        return message;
    }
}
