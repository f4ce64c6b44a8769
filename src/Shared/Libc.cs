using System.Runtime.InteropServices;

namespace MnistLstm.Shared;

/// <summary>P/Invoke for <c>setenv</c> and glibc's <c>mallopt</c>; a no-op without glibc.</summary>
public static partial class Libc
{
    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD of glibc's malloc.h
    private const int MapThreshold = -3; // M_MMAP_THRESHOLD

    /// <summary>
    /// Sets a variable for native code, which does not see .NET's own
    /// <see cref="Environment.SetEnvironmentVariable(string, string)"/>.
    /// It is to be called before the library that reads it is loaded.
    /// </summary>
    /// <param name="overwrite">Also where the variable has a value.</param>
    public static void SetVariable(string name, string value, bool overwrite)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetEnvironment(name, value, overwrite ? 1 : 0);
        }
    }

    /// <summary>
    /// Bounds what malloc keeps, for good; left to itself, it learns from the largest block that was given back.
    /// </summary>
    /// <param name="largestKept">A larger block is the kernel's own pages, in bytes; at most 32 MiB.</param>
    /// <param name="rest">A larger rest at the end of a heap goes back to the kernel, in bytes.</param>
    public static void BoundHeap(int largestKept, int rest)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetAllocator(MapThreshold, largestKept);
            _ = SetAllocator(TrimThreshold, rest);
        }
    }

    /// <summary>
    /// Starts this program again in the same process, with the same arguments, standard streams and process id, and
    /// with the variables that were set here. Returns only on failure.
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

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);
}
