using System.Globalization;

namespace MnistLstm.Bench;

/// <summary>Figures of Linux about a process (proc(5)).</summary>
internal static class ProcessStatus
{
    public const string Threads = "Threads";
    public const string Resident = "VmRSS";
    public const string PeakResident = "VmHWM";

    public static long Bytes(int processId, string key) => 1024 * Number(processId, key);

    /// <summary>Memory is in KiB.</summary>
    public static long Number(int processId, string key) => long.Parse(
        File.ReadLines($"/proc/{processId}/status")
            .First(line => line.StartsWith($"{key}:", StringComparison.Ordinal))[(key.Length + 1)..]
            .Trim().Split(' ')[0],
        CultureInfo.InvariantCulture);

    /// <returns>The most bytes that work in this process takes beyond those that are resident before.</returns>
    public static long PeakOf(Action work)
    {
        // Makes the kernel forget the highest mark (proc(5), clear_refs).
        File.WriteAllText("/proc/self/clear_refs", "5");
        long before = Bytes(Environment.ProcessId, Resident);
        work();
        return Bytes(Environment.ProcessId, PeakResident) - before;
    }
}
