namespace MnistLstm.Api.Batching;

/// <summary>Counters of an <see cref="InferenceQueue"/> since its creation.</summary>
/// <param name="Images">Images that were computed.</param>
/// <param name="LastAt">Time of the last computed image; null if there is none.</param>
/// <param name="Success">Computed requests, and the time from enqueuing to the answer.</param>
/// <param name="Failure">Rejected or dropped requests, and the time that they waited.</param>
/// <param name="Wait">Time from enqueuing to a worker's start.</param>
/// <param name="Input">Time to pack images into a batch.</param>
/// <param name="Infer">Time in the network.</param>
/// <param name="Output">Time to distribute the results.</param>
/// <param name="Batches">Runs of the network by batch size.</param>
public sealed record InferenceCounts(
    long Images,
    DateTimeOffset? LastAt,
    TimedCount Success,
    TimedCount Failure,
    TimedCount Wait,
    TimedCount Input,
    TimedCount Infer,
    TimedCount Output,
    IReadOnlyList<BatchStatistics> Batches);

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
