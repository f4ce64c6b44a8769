using System.Net.Sockets;
using System.Text;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

public sealed class ClientAbortTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Clients_that_hang_up_leave_nothing_behind()
    {
        byte[] sample = GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: "
            + $"{sample.Length}\r\n\r\n");
        await using RunningService service = await RunningService.StartAsync("--workers", "1");

        // Every third client sends half a picture, and none waits for the answer.
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, stop) =>
        {
            using var client = new TcpClient { LingerState = new LingerOption(enable: true, seconds: 0) };
            await client.ConnectAsync(service.Address.Host, service.Address.Port, stop);
            byte[] body = i % 3 == 0 ? sample[..(sample.Length / 2)] : sample;
            await client.GetStream().WriteAsync((byte[])[.. head, .. body], stop);
        });

        // Some of their images have reached the queue, and in the end neither the queue nor the budget holds anything.
        InferenceQueue queue = service.Models.Default.Queue;
        using var timeout = new CancellationTokenSource(Timeout);
        while (Answered(queue) == 0 || queue.WaitingImages + queue.RunningImages > 0 || service.Bodies.Held > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), timeout.Token);
        }

        (await service.Client.PredictAsync(Requests.Raw(sample))).Digit.ShouldBe(GoldenSample.Digit);
    }

    private static long Answered(InferenceQueue queue)
    {
        InferenceCounts counts = queue.Statistics.Read();
        return counts.Steps.Success.Count + counts.Steps.Fail.Count;
    }
}
