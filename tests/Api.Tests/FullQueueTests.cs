using System.Net;
using MnistLstm.Api.Tests.OpenInference;

namespace MnistLstm.Api.Tests;

public sealed class FullQueueTests
{
    [Fact]
    public async Task A_picture_is_refused_before_it_is_read()
    {
        const int Images = 512;
        await using RunningService service = await RunningService.StartAsync("--workers", "1", "--queue-length", "1");
        byte[] rows = InferRequests.RawBytes([.. Enumerable.Repeat(InferRequests.Sample, Images).SelectMany(sample => sample)]);
        byte[] damaged = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0];
        var seen = new HashSet<HttpStatusCode>();

        // While batches are computed and wait, sooner or later, however slow the machine is.
        for (int round = 0; round < 50 && !seen.Contains(HttpStatusCode.ServiceUnavailable); round++)
        {
            Task batches = Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            {
                using HttpResponseMessage response = await service.Client.PostAsync(
                    InferRequests.Infer, InferRequests.Binary(InferRequests.BinaryCall($"[{Images},28,28]", rows.Length), rows));
            }));
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
