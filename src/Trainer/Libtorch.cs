using System.Runtime.InteropServices;
using TorchSharp;

namespace MnistLstm.Trainer;

/// <summary>The native library that TorchSharp computes with.</summary>
public static partial class Libtorch
{
    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD of glibc's malloc.h
    private const int MapThreshold = -3; // M_MMAP_THRESHOLD
    private const int KeptBytes = 1 << 30;
    private const int LargestHeapBlock = 32 << 20; // what glibc takes at most

    /// <summary>Loads it.</summary>
    /// <exception cref="TrainerException">It does not load here; the sentence says what to do.</exception>
    public static void Require()
    {
        if (OperatingSystem.IsLinux())
        {
            // libgomp's threads spin while they wait for each other. Where something else uses the cores, that makes
            // training four times as slow; where nothing does, it gains nothing. libgomp reads this when it is loaded.
            _ = SetEnvironment("GOMP_SPINCOUNT", "0", overwrite: 0);

            // A step takes and gives back some hundred megabytes. glibc would return them to the kernel each time and
            // have every page cleared again: up to a quarter of a teacher's time.
            _ = SetAllocator(TrimThreshold, KeptBytes);
            _ = SetAllocator(MapThreshold, LargestHeapBlock);
        }

        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException or TypeInitializationException)
        {
            // TorchSharp's own message, "doesn't contain a reference to libtorch", sends people the wrong way.
            throw new TrainerException(
                OperatingSystem.IsLinux()
                    ? "libtorch does not load: it needs a libstdc++ with GLIBCXX_3.4.32 (GCC 13 or newer); on Debian 12 run scripts/ensure-libstdcxx.sh."
                    : $"libtorch does not load: {e.Message}",
                ExitCodes.RunFailed);
        }
    }

    /// <summary>.NET's own <see cref="Environment.SetEnvironmentVariable(string, string)"/> is not seen by native code.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);
}
