using System.Text.Json;

namespace MnistLstm.Api.Tests.OpenInference;

public sealed class StatisticsTests
{
    [Fact]
    public async Task Images_are_counted_whatever_address_they_come_from()
    {
        await using RunningService service = await RunningService.StartAsync("--workers", "1", "--max-batch", "8");
        JsonElement before = await StatisticsAsync(service, "/v2/models/digits/stats");
        long clock = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        await service.Client.PredictAsync(Requests.Raw(InferRequests.SamplePng));
        await service.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()));
        await service.Client.InferAsync(InferRequests.Json(InferRequests.Call(
            "[20,28,28]",
            $"[{string.Join(',', Enumerable.Repeat(InferRequests.Numbers(InferRequests.Sample), 20))}]")));
        using HttpResponseMessage refused =
            await service.Client.PostAsync(InferRequests.Infer, InferRequests.Json("{}"));

        JsonElement after = await StatisticsAsync(service, "/v2/models/digits/stats");
        Added("inference_count").ShouldBe(22);
        Added("execution_count").ShouldBe(5);
        AddedCount("success").ShouldBe(3);
        AddedCount("fail").ShouldBe(0);
        AddedCount("queue").ShouldBe(3);
        AddedCount("compute_infer").ShouldBe(3);
        foreach (string step in new[] { "success", "queue", "compute_input", "compute_infer", "compute_output" })
        {
            Nanoseconds(after, step).ShouldBeGreaterThan(Nanoseconds(before, step));
        }

        (Nanoseconds(after, "compute_input") + Nanoseconds(after, "compute_infer")
            + Nanoseconds(after, "compute_output") + Nanoseconds(after, "queue"))
            .ShouldBeLessThanOrEqualTo(Nanoseconds(after, "success"));
        after.GetProperty("last_inference").GetInt64().ShouldBeGreaterThanOrEqualTo(clock);
        after.GetProperty("batch_stats").EnumerateArray()
            .Select(batch => (Size: batch.GetProperty("batch_size")
                .GetInt32(), Count: batch.GetProperty("compute_infer").GetProperty("count").GetInt64()))
            .ShouldBe([(1, BatchesOf(before, 1) + 2), (4, BatchesOf(before, 4) + 1), (8, BatchesOf(before, 8) + 2)]);

        long Added(string name) => after.GetProperty(name).GetInt64() - before.GetProperty(name).GetInt64();
        long AddedCount(string step) => Count(after, step) - Count(before, step);
    }

    [Fact]
    public async Task The_list_a_model_and_its_version_agree()
    {
        await using RunningService service = await RunningService.StartAsync();
        await service.Client.InferAsync(InferRequests.Json(InferRequests.SampleCall()), "/v2/models/seed/infer");
        string version = service.Models.All.Single(model => model.Name == "seed").Card.Version;

        using HttpResponseMessage all = await service.Client.GetAsync("/v2/models/stats");
        JsonElement one = await StatisticsAsync(service, "/v2/models/seed/stats");
        JsonElement ofVersion = await StatisticsAsync(service, $"/v2/models/seed/versions/{version}/stats");

        JsonElement[] models = [.. (await all.ReadJsonAsync()).GetProperty("model_stats").EnumerateArray()];
        models.Select(model => model.GetProperty("name").GetString()).ShouldBe(["digits", "digits-float", "seed"]);
        models[2].GetRawText().ShouldBe(one.GetRawText());
        ofVersion.GetRawText().ShouldBe(one.GetRawText());
        one.GetProperty("version").GetString().ShouldBe(version);
    }

    [Fact]
    public async Task A_full_queue_rejects_with_a_Retry_After_and_counts_a_failure()
    {
        await using RunningService service = await RunningService.StartAsync("--workers", "1", "--queue-length", "1");
        int refused = 0;

        // Sooner or later the queue is full, however slow the machine is.
        for (int round = 0; round < 50 && refused == 0; round++)
        {
            await service.Client.FloodAsync(async response =>
            {
                if (!response.IsSuccessStatusCode)
                {
                    (await response.ShouldBeErrorAsync(503)).ShouldContain("Too many pictures are already waiting");
                    response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
                    Interlocked.Increment(ref refused);
                }
            });
        }

        refused.ShouldBeGreaterThan(0);
        Count(await StatisticsAsync(service, "/v2/models/digits/stats"), "fail").ShouldBe(refused);
    }

    private static async Task<JsonElement> StatisticsAsync(RunningService service, string path)
    {
        using HttpResponseMessage response = await service.Client.GetAsync(path);
        return (await response.ReadJsonAsync()).GetProperty("model_stats").EnumerateArray().Single();
    }

    private static long Count(JsonElement model, string step) =>
        model.GetProperty("inference_stats").GetProperty(step).GetProperty("count").GetInt64();

    private static long Nanoseconds(JsonElement model, string step) =>
        model.GetProperty("inference_stats").GetProperty(step).GetProperty("ns").GetInt64();

    private static long BatchesOf(JsonElement model, int size) =>
        model.GetProperty("batch_stats").EnumerateArray()
            .Where(batch => batch.GetProperty("batch_size").GetInt32() == size)
            .Sum(batch => batch.GetProperty("compute_infer").GetProperty("count").GetInt64());
}
