using System.Globalization;
using System.Net.Sockets;
using System.Text;
using MnistLstm.Api.OpenInference;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>
/// Nothing is allocated for a value, neither of JSON nor of raw bytes: by the allocation counter and never by the
/// clock.
/// </summary>
[Collection(nameof(AllocationTests))]
public sealed class InferAllocationTests
{
    private const int WarmUps = 1_000;
    private const int Exchanges = 500;

    /// <summary>
    /// On the managed heap, of the whole process. Measured were 4,200, most of it the serializer's own; one image's 784
    /// values as numbers would be 3,136 more.
    /// </summary>
    private const double MaxBytesJson = 6_000;

    /// <summary>
    /// Measured were 3,000 to 7,800: a body of 100 kB arrives in pieces, and each wait costs some 300. It is a tenth of
    /// it at most.
    /// </summary>
    private const double MaxBytesBatch = 10_000;

    /// <summary>Measured were 100,000 for client and service; 16,384 images as numbers would be 51 MB.</summary>
    private const long MaxBytesLittleData = 5_000_000;

    private static readonly byte[] HeaderEnd = "\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task A_batch_of_raw_rows_allocates_little()
    {
        float[] rows = [.. Enumerable.Repeat(InferRequests.Sample, 32).SelectMany(sample => sample)];
        byte[] tensors = InferRequests.RawBytes(rows);
        byte[] json = Encoding.ASCII.GetBytes(InferRequests.BinaryCall(
            "[32,28,28]", tensors.Length,
            rest: ""","outputs":[{"name":"probabilities","parameters":{"binary_data":true}}]"""));
        await using RunningService service = await RunningService.StartAsync();

        double bytes = Measure(service, Request([.. json, .. tensors], json.Length));

        bytes.ShouldBeLessThan(MaxBytesBatch);
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes:F0} bytes a request of 32 images");
    }

    [Fact]
    public async Task Rows_as_JSON_allocate_little()
    {
        byte[] json = Encoding.ASCII.GetBytes(InferRequests.SampleCall());
        await using RunningService service = await RunningService.StartAsync();

        double bytes = Measure(service, Request(json, json.Length));

        bytes.ShouldBeLessThan(MaxBytesJson);
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes:F0} bytes a request of 784 numbers");
    }

    [Fact]
    public async Task A_large_shape_with_little_data_allocates_little()
    {
        await using RunningService service = await RunningService.StartAsync("--max-infer-images", "16384");
        string request = InferRequests.Call("[16384,28,28]", "[0]");
        using HttpResponseMessage warmUp = await service.Client.PostAsync(
            InferRequests.Infer, new StringContent(InferRequests.Call("[2,28,28]", "[0]")));

        long before = GC.GetTotalAllocatedBytes(precise: true);
        using HttpResponseMessage response =
            await service.Client.PostAsync(InferRequests.Infer, new StringContent(request));
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .ShouldContain("wrong number of FP32 values: 1, not the 12845056");
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes} bytes for a large shape with little data");
        bytes.ShouldBeLessThan(MaxBytesLittleData);
    }

    [Fact]
    public async Task A_long_escaped_string_in_malformed_JSON_does_not_become_a_NET_string()
    {
        await using RunningService service = await RunningService.StartAsync();
        using HttpContent request =
            InferRequests.Json($$"""{"x":"\n{{new string('x', 16 * 1024 * 1024)}}","inputs":x}""");

        long before = GC.GetTotalAllocatedBytes(precise: true);
        using HttpResponseMessage response = await service.Client.PostAsync(InferRequests.Infer, request);
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;

        (await response.ShouldBeErrorAsync(400)).ShouldStartWith("The JSON cannot be read: 'x' is not allowed");
        bytes.ShouldBeLessThan(MaxBytesLittleData);
    }

    private static byte[] Request(byte[] body, int jsonLength) =>
    [
        .. Encoding.ASCII.GetBytes(
            $"POST {InferRequests.Infer} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
            + $"{InferenceProtocol.JsonLengthHeader}: {jsonLength}\r\nContent-Length: {body.Length}\r\n\r\n"),
        .. body,
    ];

    /// <summary>A client that allocates nothing itself sends one request after the other.</summary>
    private static double Measure(RunningService service, byte[] request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(service.Address.Host, service.Address.Port);
        byte[] answer = new byte[16 * 1024];
        for (int i = 0; i < WarmUps; i++)
        {
            Exchange(socket, request, answer);
        }

        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Exchanges; i++)
        {
            Exchange(socket, request, answer);
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Exchanges;
    }

    private static void Exchange(Socket socket, byte[] request, byte[] answer)
    {
        socket.Send(request);
        int length = 0;
        int header;
        do
        {
            int received = socket.Receive(answer.AsSpan(length));
            received.ShouldBeGreaterThan(0);
            length += received;
            header = answer.AsSpan(0, length).IndexOf(HeaderEnd);
        }
        while (header < 0 || length < header + HeaderEnd.Length + ContentLength(answer.AsSpan(0, header)));

        answer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8).ShouldBeTrue();
    }

    private static int ContentLength(ReadOnlySpan<byte> headers)
    {
        ReadOnlySpan<byte> name = "\nContent-Length: "u8;
        ReadOnlySpan<byte> value = headers[(headers.IndexOf(name) + name.Length)..];
        int end = value.IndexOf((byte)'\r');
        return int.Parse(end < 0 ? value : value[..end], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
