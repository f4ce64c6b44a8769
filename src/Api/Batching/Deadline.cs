using System.Diagnostics;

namespace MnistLstm.Api.Batching;

/// <summary>Deadlines, as timestamps of <see cref="Stopwatch.GetTimestamp"/>.</summary>
public static class Deadline
{
    public static long After(TimeSpan duration) =>
        Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);

    /// <summary>The time that is left; zero if the deadline has passed.</summary>
    public static TimeSpan Remaining(long deadline)
    {
        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
