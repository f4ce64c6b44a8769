using System.Diagnostics;

namespace MnistLstm.Growth;

/// <summary>
/// Processor time of work on one thread, in interleaved rounds: a busy moment hits every size, and the median leaves it
/// out.
/// </summary>
internal static class CpuTime
{
    private const int RoundCount = 5;

    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(150);

    /// <returns>Milliseconds of one call of each.</returns>
    public static double[] Measure(IReadOnlyList<Action> work)
    {
        foreach (Action action in work)
        {
            Run(action, WarmUp);
        }

        double[][] rounds =
            [.. Enumerable.Range(0, RoundCount).Select(_ => work.Select(action => Run(action, Round)).ToArray())];
        return [.. work.Select((_, i) => rounds.Select(round => round[i]).Median())];
    }

    private static double Run(Action action, TimeSpan duration)
    {
        int calls = 0;
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < duration; calls++)
        {
            action();
        }

        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / calls;
    }
}
