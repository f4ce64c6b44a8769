using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>Statistics of the models that were asked for.</summary>
/// <param name="ModelStats">One entry a model.</param>
public sealed record StatisticsAnswer(IReadOnlyList<ModelStatistics> ModelStats);

/// <summary>A model's work since it was loaded, whichever endpoint asked for it.</summary>
/// <param name="LastInference">When it was last run: milliseconds since 1970, 0 if never.</param>
/// <param name="InferenceCount">Images.</param>
/// <param name="ExecutionCount">Runs of the network, each over one image or more.</param>
/// <param name="InferenceStats">Times by the step of a request.</param>
/// <param name="BatchStats">Times by batch size.</param>
public sealed record ModelStatistics(
    string Name, string Version, long LastInference, long InferenceCount, long ExecutionCount,
    InferenceSteps InferenceStats, IReadOnlyList<BatchStatistics> BatchStats)
{
    public static ModelStatistics Of(ServedModel model)
    {
        InferenceCounts counts = model.Queue.Statistics.Read();
        return new ModelStatistics(
            model.Name,
            model.Card.Version,
            counts.LastAt?.ToUnixTimeMilliseconds() ?? 0,
            counts.Images,
            counts.Batches.Sum(batch => batch.Infer.Count),
            new InferenceSteps(
                counts.Success, counts.Failure, counts.Wait, counts.Input, counts.Infer, counts.Output,
                CacheHit: default, CacheMiss: default),
            [.. counts.Batches.Select(batch =>
                new BatchStatistics(batch.Size, batch.Input, batch.Infer, batch.Output))]);
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
    TimedCount Success, TimedCount Fail, TimedCount Queue,
    TimedCount ComputeInput, TimedCount ComputeInfer, TimedCount ComputeOutput, TimedCount CacheHit,
    TimedCount CacheMiss);

/// <summary>Runs of the network over the same number of images.</summary>
/// <param name="BatchSize">Images.</param>
/// <param name="ComputeInput">Packing them.</param>
/// <param name="ComputeInfer">The network.</param>
/// <param name="ComputeOutput">Handing out the results.</param>
public sealed record BatchStatistics(
    int BatchSize, TimedCount ComputeInput, TimedCount ComputeInfer, TimedCount ComputeOutput);
