using System.Net;
using MnistLstm.Api.Tests.OpenInference;

namespace MnistLstm.Api.Tests;

public sealed class FullQueueTests
{
    [Fact]
    public async Task A_picture_is_rejected_before_it_is_read()
    {
        await using RunningService service =
            await RunningService.StartAsync("--workers", "1", "--queue-length", "1", "--max-batch", "512");
        byte[] damaged = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0];
        var seen = new HashSet<HttpStatusCode>();

        // Sooner or later the queue is full, however slow the machine is.
        for (int round = 0; round < 50 && !seen.Contains(HttpStatusCode.ServiceUnavailable); round++)
        {
            Task batches = service.Client.FloodAsync(_ => Task.CompletedTask);
            while (!batches.IsCompleted)
            {
                using HttpResponseMessage response = await service.Client.PostAsync("/predict", Requests.Raw(damaged));
                seen.Add(response.StatusCode);
            }

            await batches;
        }

        seen.ShouldContain(HttpStatusCode.ServiceUnavailable);
        using HttpResponseMessage afterwards = await service.Client.PostAsync("/predict", Requests.Raw(damaged));
        ((int)afterwards.StatusCode).ShouldBeInRange(400, 422);
    }
}
