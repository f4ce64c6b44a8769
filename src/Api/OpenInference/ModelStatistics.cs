using System.Text.Json.Serialization;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>What has been computed.</summary>
/// <param name="ModelStats">One entry a model.</param>
public sealed record StatisticsAnswer([property: JsonPropertyName("model_stats")] IReadOnlyList<ModelStatistics> ModelStats);

/// <summary>What a model has computed since it was loaded, whichever address asked for it.</summary>
/// <param name="Name">Of the model.</param>
/// <param name="Version">Of the model.</param>
/// <param name="LastInference">When it was last run: milliseconds since 1970, 0 if never.</param>
/// <param name="InferenceCount">Images.</param>
/// <param name="ExecutionCount">Runs of the network, each over one image or more.</param>
/// <param name="InferenceStats">By the steps of a request.</param>
/// <param name="BatchStats">By the number of images in a run.</param>
public sealed record ModelStatistics(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("last_inference")] long LastInference,
    [property: JsonPropertyName("inference_count")] long InferenceCount,
    [property: JsonPropertyName("execution_count")] long ExecutionCount,
    [property: JsonPropertyName("inference_stats")] InferenceSteps InferenceStats,
    [property: JsonPropertyName("batch_stats")] IReadOnlyList<BatchStatistics> BatchStats)
{
    public static ModelStatistics Of(ServedModel model)
    {
        InferenceCounts counts = model.Queue.Statistics.Read();
        var steps = new InferenceSteps(
            StatisticDuration.Of(counts.Success),
            StatisticDuration.Of(counts.Failure),
            StatisticDuration.Of(counts.Wait),
            StatisticDuration.Of(counts.Input),
            StatisticDuration.Of(counts.Infer),
            StatisticDuration.Of(counts.Output),
            CacheHit: default,
            CacheMiss: default);
        BatchStatistics[] batches =
        [
            .. counts.Batches.Select(batch => new BatchStatistics(
                batch.Size,
                StatisticDuration.Of(batch.Input),
                StatisticDuration.Of(batch.Infer),
                StatisticDuration.Of(batch.Output)))
        ];
        return new ModelStatistics(
            model.Name,
            model.Card.Version,
            counts.LastAt?.ToUnixTimeMilliseconds() ?? 0,
            counts.Images,
            counts.Batches.Sum(batch => batch.Infer.Count),
            steps,
            batches);
    }
}

/// <summary>Requests, by their steps.</summary>
/// <param name="Success">Those answered: from being queued until computed.</param>
/// <param name="Fail">Those refused or dropped because too many waited, it took too long or the client left.</param>
/// <param name="Queue">Waiting for a worker.</param>
/// <param name="ComputeInput">Packing images into the batch.</param>
/// <param name="ComputeInfer">The network.</param>
/// <param name="ComputeOutput">Handing out the results.</param>
/// <param name="CacheHit">There is no cache.</param>
/// <param name="CacheMiss">There is no cache.</param>
public sealed record InferenceSteps(
    [property: JsonPropertyName("success")] StatisticDuration Success,
    [property: JsonPropertyName("fail")] StatisticDuration Fail,
    [property: JsonPropertyName("queue")] StatisticDuration Queue,
    [property: JsonPropertyName("compute_input")] StatisticDuration ComputeInput,
    [property: JsonPropertyName("compute_infer")] StatisticDuration ComputeInfer,
    [property: JsonPropertyName("compute_output")] StatisticDuration ComputeOutput,
    [property: JsonPropertyName("cache_hit")] StatisticDuration CacheHit,
    [property: JsonPropertyName("cache_miss")] StatisticDuration CacheMiss);

/// <summary>Runs of the network over the same number of images.</summary>
/// <param name="BatchSize">Images.</param>
/// <param name="ComputeInput">Packing them.</param>
/// <param name="ComputeInfer">The network.</param>
/// <param name="ComputeOutput">Handing out the results.</param>
public sealed record BatchStatistics(
    [property: JsonPropertyName("batch_size")] int BatchSize,
    [property: JsonPropertyName("compute_input")] StatisticDuration ComputeInput,
    [property: JsonPropertyName("compute_infer")] StatisticDuration ComputeInfer,
    [property: JsonPropertyName("compute_output")] StatisticDuration ComputeOutput);

/// <summary>How often, and how long in all.</summary>
/// <param name="Count">Times.</param>
/// <param name="Ns">Nanoseconds.</param>
public readonly record struct StatisticDuration(
    [property: JsonPropertyName("count")] long Count,
    [property: JsonPropertyName("ns")] long Ns)
{
    public static StatisticDuration Of(TimedCount count) => new(count.Count, count.Nanoseconds);
}
