using System.Net.Sockets;
using System.Text;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

public sealed class ClientAbortTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Clients_that_hang_up_leave_nothing_behind()
    {
        byte[] sample = GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: "
            + $"{sample.Length}\r\n\r\n");
        await using RunningService service = await RunningService.StartAsync("--workers", "1");

        // A third sends half a picture, and nobody stays for the answer.
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, stop) =>
        {
            using var client = new TcpClient { LingerState = new LingerOption(enable: true, seconds: 0) };
            await client.ConnectAsync(service.Address.Host, service.Address.Port, stop);
            byte[] body = i % 3 == 0 ? sample[..(sample.Length / 2)] : sample;
            await client.GetStream().WriteAsync((byte[])[.. head, .. body], stop);
        });

        // Images of those that left have come to the queue, and all of them have left it again.
        InferenceQueue queue = service.Models.Default.Queue;
        using var patience = new CancellationTokenSource(Patience);
        while (Answered(queue) == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), patience.Token);
        }

        while (queue.WaitingImages + queue.RunningImages > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), patience.Token);
        }

        (await service.Client.PredictAsync(Requests.Raw(sample))).Digit.ShouldBe(GoldenSample.Digit);
    }

    private static long Answered(InferenceQueue queue)
    {
        InferenceCounts counts = queue.Statistics.Read();
        return counts.Success.Count + counts.Failure.Count;
    }
}
