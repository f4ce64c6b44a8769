using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>Statistics of the models that were asked for.</summary>
/// <param name="ModelStats">One entry for each model.</param>
public sealed record StatisticsAnswer(IReadOnlyList<ModelStatistics> ModelStats);

/// <summary>A model's work since it was loaded, whichever endpoint asked for it.</summary>
/// <param name="LastInference">Time of the last run, in milliseconds since 1970; 0 if never.</param>
/// <param name="InferenceCount">Number of images.</param>
/// <param name="ExecutionCount">Number of batches.</param>
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
            counts.Batches.Sum(batch => batch.ComputeInfer.Count),
            new InferenceSteps(
                counts.Success, counts.Failure, counts.Wait, counts.Input, counts.Infer, counts.Output,
                CacheHit: default, CacheMiss: default),
            counts.Batches);
    }
}

/// <summary>Durations of the steps of requests.</summary>
/// <param name="Success">Answered requests, from queueing to the result.</param>
/// <param name="Fail">Requests refused or dropped: queue full, deadline passed or client disconnected.</param>
/// <param name="Queue">Time in the queue.</param>
/// <param name="ComputeInput">Time to pack the batch.</param>
/// <param name="ComputeInfer">Time of the network.</param>
/// <param name="ComputeOutput">Time to distribute the results.</param>
/// <param name="CacheHit">There is no cache.</param>
/// <param name="CacheMiss">There is no cache.</param>
public sealed record InferenceSteps(
    TimedCount Success, TimedCount Fail, TimedCount Queue,
    TimedCount ComputeInput, TimedCount ComputeInfer, TimedCount ComputeOutput, TimedCount CacheHit,
    TimedCount CacheMiss);
