using System.Runtime.InteropServices;
using MnistLstm.Shared;
using TorchSharp;

namespace MnistLstm.Trainer;

/// <summary>The native library that TorchSharp computes with.</summary>
public static class Libtorch
{
    private const int LargestKeptBlock = 32 << 20; // what glibc takes at most
    private const int KeptRest = 1 << 30;

    /// <summary>Loads it.</summary>
    /// <exception cref="TrainerException">It does not load here; the sentence says what to do.</exception>
    public static void Require()
    {
        if (OperatingSystem.IsLinux())
        {
            // libgomp's threads spin while they wait for each other. Where something else uses the cores, that makes
            // training four times as slow; where nothing does, it gains nothing. libgomp reads this when it is loaded.
            CLibrary.SetVariable("GOMP_SPINCOUNT", "0", overwrite: false);

            // A step takes and gives back some hundred megabytes. glibc would return them to the kernel each time and
            // have every page cleared again: up to a quarter of a teacher's time.
            CLibrary.BoundHeap(LargestKeptBlock, KeptRest);
        }

        if (!IsBuiltFor(RuntimeInformation.ProcessArchitecture))
        {
            throw new TrainerException(
                $"There is no libtorch for {RuntimeInformation.RuntimeIdentifier}. Train on Linux or Windows with an x64 processor, or on a Mac with an arm64 one; "
                + "the model file is the same everywhere.",
                ExitCodes.RunFailed);
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

    /// <summary>Whether TorchSharp's packages have it for this operating system and such a processor.</summary>
    private static bool IsBuiltFor(Architecture processor) =>
        processor == (OperatingSystem.IsMacOS() ? Architecture.Arm64 : Architecture.X64);
}
