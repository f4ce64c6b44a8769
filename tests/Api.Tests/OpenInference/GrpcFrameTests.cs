using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection.V1Alpha;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>Bodies with invalid gRPC frames, which no gRPC library sends.</summary>
public sealed class GrpcFrameTests
{
    private const string Infer = "inference.GRPCInferenceService/ModelInfer";
    // Types and flags of HTTP/2's frames.
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte EndOfStream = 1;
    private const byte EndOfHeaders = 4;

    private const string Reflect = "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
    private const string Check = "grpc.health.v1.Health/Check";
    private const string Watch = "grpc.health.v1.Health/Watch";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_invalid_frame_is_an_invalid_argument_or_too_large()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync();
        byte[] valid = Frame(GrpcClient.RawRows(InferRequests.Sample).ToByteArray());
        (byte[] Body, StatusCode Code, string Words)[] bodies =
        [
            (valid, StatusCode.OK, ""),
            ([], StatusCode.InvalidArgument, "The call has no message."),
            ([0, 0, 0], StatusCode.InvalidArgument, "shorter than its length says"),
            (valid[..^1], StatusCode.InvalidArgument, "shorter than its length says"),
            ([.. valid, .. valid], StatusCode.InvalidArgument, "takes one message"),
            ([.. valid, 0], StatusCode.InvalidArgument, "takes one message"),
            ([1, .. valid[1..]], StatusCode.InvalidArgument, "starts with the byte 1"),
            ([7, .. valid[1..]], StatusCode.InvalidArgument, "starts with the byte 7"),
            ([0, 0x7F, 0xFF, 0xFF, 0xFF], StatusCode.ResourceExhausted, "has 2147483647 bytes"),
            ([0, 0x80, 0, 0, 0], StatusCode.ResourceExhausted, "has 2147483648 bytes"),
            ([0, 0xFF, 0xFF, 0xFF, 0xFF, 97, 98], StatusCode.ResourceExhausted, "has 4294967295 bytes"),
        ];

        foreach ((byte[] body, StatusCode code, string words) in bodies)
        {
            Status status = await PostAsync(grpc, Infer, body);

            status.StatusCode.ShouldBe(code, $"{body.Length} bytes: {status.Detail}");
            status.Detail.ShouldContain(words);
        }

        grpc.Service.Bodies.Held.ShouldBe(0);
    }

    [Fact]
    public async Task A_message_in_pieces_is_answered_like_one_in_one_piece()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync();
        byte[] valid = Frame(GrpcClient.RawRows(InferRequests.Sample).ToByteArray());
        (_, byte[] expected) = await SendAsync(grpc, Infer, new ByteArrayContent(valid));

        (Status status, byte[] answer) = await SendAsync(
            grpc, Infer, new PiecesContent(grpc.Service.Bodies, valid[..1], valid[1..4], valid[4..]));

        status.StatusCode.ShouldBe(StatusCode.OK, status.Detail);
        answer.ShouldNotBeEmpty();
        answer.ShouldBe(expected);
        grpc.Service.Bodies.Held.ShouldBe(0);
    }

    [Fact]
    public async Task A_stream_may_have_any_number_of_messages_but_none_that_is_cut_off()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync();
        byte[] list = Frame(new ServerReflectionRequest { ListServices = "" }.ToByteArray());

        (await PostAsync(grpc, Reflect, [])).StatusCode.ShouldBe(StatusCode.OK);
        (await PostAsync(grpc, Reflect, [.. list, .. list, .. list])).StatusCode.ShouldBe(StatusCode.OK);
        (await PostAsync(grpc, Reflect, [.. list, .. list[..^1]])).StatusCode.ShouldBe(StatusCode.InvalidArgument);

        grpc.Service.Bodies.Held.ShouldBe(0);
    }

    [Theory]
    [InlineData(Check)]
    [InlineData(Watch)]
    [InlineData(Reflect)]
    [InlineData("inference.GRPCInferenceService/ModelMetadata")]
    public async Task A_message_without_images_is_small(string call)
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync();

        Status status = await PostAsync(grpc, call, Frame(new byte[5000]));

        status.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        status.Detail.ShouldStartWith("The message has 5000 bytes, but the limit is 4096.");
    }

    [Theory]
    [InlineData(Watch)]
    [InlineData(Reflect)]
    [InlineData(Reflect, "0m")]
    [InlineData(Reflect, "99n")]
    public async Task A_message_that_does_not_arrive_ends_the_call_and_holds_no_bytes(
        string call, string? timeout = null)
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync("--request-timeout", "300ms");

        try
        {
            (Status status, _) = await SendAsync(grpc, call, new StalledContent(grpc.Service.Bodies), timeout);

            status.StatusCode.ShouldBe(StatusCode.DeadlineExceeded, status.Detail);
        }
        catch (Exception e) when (e is OperationCanceledException { InnerException: not TimeoutException }
            or HttpRequestException)
        {
            // A client that is still sending may see the reset of the stream before the status.
        }
    }

    /// <summary>A call that waits for changes keeps its connection busy, so that no time limit closes it.</summary>
    [Fact]
    public async Task A_connection_with_a_call_that_waits_is_pinged()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync("--keep-alive-timeout", "1s");
        var address = new Uri(grpc.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Stop);
        NetworkStream stream = client.GetStream();

        // Header fields as HPACK has them: indexed, or with an indexed or a new name (RFC 7541, 6).
        byte[] headers =
        [
            0x83, 0x86, 0x04, .. Text("/grpc.health.v1.Health/Watch"), 0x01, .. Text("localhost"),
            0x0F, 0x10, .. Text("application/grpc"), 0x00, .. Text("te"), .. Text("trailers"),
        ];
        byte[] call =
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Http2Frame(Settings, 0, 0, []),
            .. Http2Frame(Headers, EndOfHeaders, 1, headers), .. Http2Frame(Data, EndOfStream, 1, Frame([])),
        ];
        await stream.WriteAsync(call, Stop);

        using var patience = new CancellationTokenSource(ServiceProcess.Patience);
        List<byte> types = [];
        byte[] header = new byte[9];
        while (!types.Contains(Ping))
        {
            await stream.ReadExactlyAsync(header, patience.Token);
            await stream.ReadExactlyAsync(
                new byte[(header[0] << 16) | (header[1] << 8) | header[2]], patience.Token);
            types.Add(header[3]);
        }

        types.ShouldContain(Data);
        types.ShouldNotContain(GoAway);

        static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
    }

    /// <summary>A frame of HTTP/2 (RFC 9113, 4.1).</summary>
    private static byte[] Http2Frame(byte type, byte flags, byte streamId, byte[] payload) =>
        [0, 0, (byte)payload.Length, type, flags, 0, 0, 0, streamId, .. payload];

    private static byte[] Frame(byte[] message)
    {
        byte[] frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private static async Task<Status> PostAsync(GrpcClient grpc, string call, byte[] body) =>
        (await SendAsync(grpc, call, new ByteArrayContent(body))).Status;

    private static async Task<(Status Status, byte[] Answer)> SendAsync(
        GrpcClient grpc, string call, HttpContent body, string? timeout = null)
    {
        body.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{grpc.Address}/{call}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        if (timeout is not null)
        {
            request.Headers.Add("grpc-timeout", timeout);
        }

        using HttpResponseMessage response = await client.SendAsync(request, Stop);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(Stop);
        var status = new Status(
            (StatusCode)int.Parse(Find(response, "grpc-status"), CultureInfo.InvariantCulture),
            Uri.UnescapeDataString(Find(response, "grpc-message")));
        return (status, answer);
    }

    /// <summary>A call without an answer has its status in the headers.</summary>
    private static string Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.Concat(response.Headers)
            .FirstOrDefault(header => header.Key == name).Value?.Single() ?? "";

    /// <summary>Sends the start of a message.</summary>
    private sealed class StalledContent(BodyBudget bodies) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            throw new NotSupportedException();

        protected override async Task SerializeToStreamAsync(
            Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(Frame(new byte[1000]).AsMemory(..^1), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            while (true)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
                bodies.Held.ShouldBe(0);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Sends each piece when the service has read all pieces before it.</summary>
    private sealed class PiecesContent(BodyBudget bodies, params byte[][] pieces) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            int sent = 0;
            foreach (byte[] piece in pieces)
            {
                await ServiceProcess.EventuallyAsync(() => bodies.Held == sent);
                await stream.WriteAsync(piece, Stop);
                await stream.FlushAsync(Stop);
                sent += piece.Length;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
