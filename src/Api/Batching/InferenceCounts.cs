namespace MnistLstm.Api.Batching;

/// <summary>Counters of an <see cref="InferenceQueue"/> since its creation.</summary>
/// <param name="Images">Images that were computed.</param>
/// <param name="LastAt">Time of the last computed image; null if there is none.</param>
/// <param name="Steps">Durations of the steps of requests.</param>
/// <param name="Batches">Runs of the network by batch size.</param>
public sealed record InferenceCounts(
    long Images, DateTimeOffset? LastAt, InferenceSteps Steps, IReadOnlyList<BatchStatistics> Batches);

/// <summary>Durations of the steps of requests.</summary>
/// <param name="Success">Answered requests, from queueing to the result.</param>
/// <param name="Fail">Requests refused or dropped: queue full, deadline passed or client disconnected.</param>
/// <param name="Queue">Time in the queue.</param>
/// <param name="ComputeInput">Time to pack the batch.</param>
/// <param name="ComputeInfer">Time of the network.</param>
/// <param name="ComputeOutput">Time to distribute the results.</param>
public sealed record InferenceSteps(
    TimedCount Success, TimedCount Fail, TimedCount Queue,
    TimedCount ComputeInput, TimedCount ComputeInfer, TimedCount ComputeOutput)
{
    /// <summary>There is no cache.</summary>
    public TimedCount CacheHit { get; init; }

    /// <summary>There is no cache.</summary>
    public TimedCount CacheMiss { get; init; }
}

/// <summary>Statistics of one batch size.</summary>
/// <param name="BatchSize">Number of images.</param>
/// <param name="ComputeInput">Time to pack the images into the batch.</param>
/// <param name="ComputeInfer">Time in the network.</param>
/// <param name="ComputeOutput">Time to hand out the results.</param>
public sealed record BatchStatistics(
    int BatchSize, TimedCount ComputeInput, TimedCount ComputeInfer, TimedCount ComputeOutput);

/// <summary>Number and total duration of an operation.</summary>
/// <param name="Count">Number of operations.</param>
/// <param name="Ns">Nanoseconds.</param>
public readonly record struct TimedCount(long Count, long Ns);
