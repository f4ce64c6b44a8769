using System.Diagnostics;

namespace MnistLstm.Api.Batching;

/// <summary>Moments as <see cref="Stopwatch.GetTimestamp"/> counts them.</summary>
public static class Deadline
{
    public static long After(TimeSpan duration) =>
        Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
}
