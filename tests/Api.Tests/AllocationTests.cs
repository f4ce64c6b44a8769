using System.Net.Sockets;
using System.Text;
using MnistLstm.Api.Models;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

/// <summary>The path of a picture without waste, by the allocation counter and never by the clock.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private const int WarmUps = 2_000;
    private const int Requests = 1_000;

    /// <summary>
    /// On the managed heap, of the whole process: server, decoder, candidate, inference, answer. 2,700 were measured on
    /// a busy machine, 900 of them for the candidate; the margin is for what the run time and other tests' leftovers
    /// allocate meanwhile.
    /// </summary>
    private const double MaxBytesRaw = 3_000;

    /// <summary>As a form: the same and the field's name, its header and the list of parts.</summary>
    private const double MaxBytesForm = 3_500;

    private static readonly byte[] Sample =
        GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);

    [Fact]
    public async Task A_raw_picture_allocates_little()
    {
        await using RunningService service = await RunningService.StartAsync();

        double bytes = Measure(service, Request("image/png", Sample));

        bytes.ShouldBeLessThan(MaxBytesRaw);
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes:F0} bytes a raw request");
    }

    [Fact]
    public async Task A_picture_in_a_form_allocates_little()
    {
        byte[] form =
        [
            .. "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"digit.png\"\r\nContent-Type: "u8
            + "image/png\r\n\r\n"u8,
            .. Sample,
            .. "\r\n--x--\r\n"u8,
        ];
        await using RunningService service = await RunningService.StartAsync();

        double bytes = Measure(service, Request("multipart/form-data; boundary=x", form));

        bytes.ShouldBeLessThan(MaxBytesForm);
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes:F0} bytes a form");
    }

    private static byte[] Request(string contentType, byte[] body) =>
    [
        .. Encoding.ASCII.GetBytes(
            $"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: {contentType}\r\nContent-Length: "
            + $"{body.Length}\r\n\r\n"),
        .. body,
    ];

    /// <summary>A client that allocates nothing itself sends one request after the other.</summary>
    private static double Measure(RunningService service, byte[] request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(service.Address.Host, service.Address.Port);
        byte[] answer = new byte[4096];
        for (int i = 0; i < WarmUps; i++)
        {
            Exchange(socket, request, answer);
        }

        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Requests; i++)
        {
            Exchange(socket, request, answer);
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Requests;
    }

    private static void Exchange(Socket socket, byte[] request, byte[] answer)
    {
        socket.Send(request);
        int length = 0;
        do
        {
            int received = socket.Receive(answer.AsSpan(length));
            received.ShouldBeGreaterThan(0);
            length += received;
        }
        while (answer[length - 1] != (byte)'}' || answer[length - 2] != (byte)'}');

        answer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8).ShouldBeTrue();
    }
}
