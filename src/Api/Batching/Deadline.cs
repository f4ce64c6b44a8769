using System.Diagnostics;

namespace MnistLstm.Api.Batching;

/// <summary>Moments as <see cref="Stopwatch.GetTimestamp"/> counts them.</summary>
public static class Deadline
{
    public static long After(TimeSpan duration) =>
        Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);

    /// <summary>How long it is until then; zero where it is over.</summary>
    public static TimeSpan Remaining(long deadline)
    {
        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
