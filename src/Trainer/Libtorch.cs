using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MnistLstm.Shared;
using TorchSharp;

namespace MnistLstm.Trainer;

/// <summary>The native library that TorchSharp computes with.</summary>
public static partial class Libtorch
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
            NativeBinding.Load();
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException or TypeInitializationException)
        {
            throw new TrainerException(DescribeLoadFailure(e.Message), ExitCodes.RunFailed);
        }
    }

    /// <param name="problem">The loader's lines.</param>
    private static string DescribeLoadFailure(string problem)
    {
        // Such as "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by …)".
        return MissingVersion().Match(problem) is { Success: true } missing
            ? $"libtorch does not load: this system's {missing.Groups["library"].Value} lacks {missing.Groups["version"].Value}. "
                + "Train on Debian 12, Ubuntu 22.04 or a newer Linux, or in a container: "
                + "docker run -it --rm -v \"$PWD\":/src -w /src mcr.microsoft.com/dotnet/sdk:10.0 and the same command."
            : $"libtorch does not load: {problem.ReplaceLineEndings(" ").Trim()}";
    }

    [GeneratedRegex(@"(?<library>lib[^/\s]+): version `(?<version>[^']+)' not found")]
    private static partial Regex MissingVersion();

    /// <summary>Whether TorchSharp's packages have it for this operating system and such a processor.</summary>
    private static bool IsBuiltFor(Architecture processor) =>
        processor == (OperatingSystem.IsMacOS() ? Architecture.Arm64 : Architecture.X64);
}
