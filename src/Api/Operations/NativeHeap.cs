using System.Runtime.InteropServices;

namespace MnistLstm.Api.Operations;

/// <summary>
/// glibc's malloc, from which Skia, ONNX Runtime and large buffers have their memory. Left to itself it learns from the
/// first huge picture to keep blocks of that size, one in each thread's arena: 9 MB ten times over.
/// </summary>
internal static partial class NativeHeap
{
    private const int TrimThreshold = -1;   // M_TRIM_THRESHOLD of malloc.h
    private const int MapThreshold = -3;    // M_MMAP_THRESHOLD

    /// <summary>A larger block is the kernel's own pages, and a larger rest of an arena goes back to it.</summary>
    private const int KeptBytes = 1024 * 1024;

    /// <summary>Sets both bounds for good, which ends the learning.</summary>
    public static void Bound()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetAllocator(MapThreshold, KeptBytes);
            _ = SetAllocator(TrimThreshold, KeptBytes);
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);
}
