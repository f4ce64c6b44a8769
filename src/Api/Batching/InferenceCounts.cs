namespace MnistLstm.Api.Batching;

/// <summary>Figures of an <see cref="InferenceQueue"/> since it exists.</summary>
/// <param name="Images">Images that were computed.</param>
/// <param name="LastAt">When the last ones were; null if none were.</param>
/// <param name="Success">Requests that were computed; time from being queued until the answer.</param>
/// <param name="Failure">Requests that were refused or dropped, and the time they spent waiting.</param>
/// <param name="Wait">Time between being queued and a worker's start.</param>
/// <param name="Input">Time to pack images into a batch.</param>
/// <param name="Infer">Time in the network.</param>
/// <param name="Output">Time to hand out the results.</param>
/// <param name="Batches">Runs of the network by the number of their images.</param>
public sealed record InferenceCounts(
    long Images,
    DateTimeOffset? LastAt,
    TimedCount Success,
    TimedCount Failure,
    TimedCount Wait,
    TimedCount Input,
    TimedCount Infer,
    TimedCount Output,
    IReadOnlyList<BatchCounts> Batches);

/// <summary>Statistics of one batch size.</summary>
/// <param name="Size">N, in images.</param>
/// <param name="Input">Time to pack them.</param>
/// <param name="Infer">Time in the network.</param>
/// <param name="Output">Time to hand out the results.</param>
public sealed record BatchCounts(int Size, TimedCount Input, TimedCount Infer, TimedCount Output);

/// <summary>Number and total duration of an operation.</summary>
/// <param name="Count">Times.</param>
/// <param name="Ns">Nanoseconds.</param>
public readonly record struct TimedCount(long Count, long Ns);
