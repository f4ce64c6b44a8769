using System.Runtime.InteropServices;

namespace MnistLstm.Load;

/// <summary>The CPU time of another process in nanoseconds; that of <c>/proc</c> is in ticks of 10 ms.</summary>
internal static partial class CpuClock
{
    /// <summary>The bits by which Linux tells a process's clock of CPU time (CPUCLOCK_SCHED) from others.</summary>
    private const int Kind = 2;

    public static TimeSpan Read(int processId) =>
        GetTime((~processId << 3) | Kind, out TimeSpec time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
            : throw new InvalidOperationException($"There is no process {processId}.");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);
}
