using System.Runtime.InteropServices;

namespace MnistLstm.Shared;

/// <summary>
/// P/Invoke for functions of the C library of Linux. Elsewhere they do nothing, but macOS has <c>setenv</c>.
/// </summary>
public static partial class Libc
{
    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD of glibc's malloc.h
    private const int MapThreshold = -3; // M_MMAP_THRESHOLD

    /// <summary>
    /// Sets a variable for native code, which does not see .NET's own <see
    /// cref="Environment.SetEnvironmentVariable(string, string)"/>. Call it before loading the library that reads the
    /// variable.
    /// </summary>
    /// <param name="overwrite">Whether to replace an existing value.</param>
    public static void SetVariable(string name, string value, bool overwrite)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetEnvironment(name, value, overwrite ? 1 : 0);
        }
    }

    /// <summary>Fixes the thresholds of malloc, which would otherwise grow with the largest freed block.</summary>
    /// <param name="largestKept">Blocks larger than this many bytes, at most 32 MiB, are mapped separately and freed at
    /// once.</param>
    /// <param name="rest">A free rest at the end of the heap larger than this many bytes goes back to the
    /// kernel.</param>
    public static void BoundHeap(int largestKept, int rest)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetAllocator(MapThreshold, largestKept);
            _ = SetAllocator(TrimThreshold, rest);
        }
    }

    /// <summary>
    /// Lowers the priority of the calling thread, on Linux, where threads have priorities of their own and .NET's <see
    /// cref="Thread.Priority"/> does nothing.
    /// </summary>
    /// <param name="niceness">0, the usual one, to 19.</param>
    public static void LowerPriority(int niceness)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(which: 0, who: 0, niceness); // PRIO_PROCESS, which here is a thread
        }
    }

    /// <summary>
    /// Restarts this program in the same process (execve), with the variables that were set here. Returns only on
    /// failure.
    /// </summary>
    public static void Restart()
    {
        if (OperatingSystem.IsLinux())
        {
            string[] arguments = File.ReadAllText("/proc/self/cmdline").Split('\0'); // each ends with a zero
            _ = Execute(Environment.ProcessPath!, [.. arguments[..^1], null]);
        }
    }

    [LibraryImport("libc", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int niceness);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);
}
