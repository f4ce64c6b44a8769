using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MnistLstm.Shared;
using MnistLstm.Trainer.Errors;
using TorchSharp;

namespace MnistLstm.Trainer.Native;

/// <summary>The native library that TorchSharp computes with.</summary>
public static partial class Libtorch
{
    private const int LargestKeptBlock = 32 << 20; // what glibc takes at most
    private const int KeptRest = 1 << 30;
    private const string KernelVariable = "ONEDNN_MAX_CPU_ISA"; // oneDNN computes libtorch's LSTM and convolutions
    private const string SlowKernels = "AVX2";

    /// <summary>The newest instruction set that oneDNN may use, by its own name; null where oneDNN chooses.</summary>
    public static string? KernelLimit =>
        Environment.GetEnvironmentVariable(KernelVariable) is { Length: > 0 } limit ? limit.ToUpperInvariant() : null;

    /// <summary>Loads it and checks what it computes. If that is wrong, the program starts again here.</summary>
    /// <exception cref="TrainerException">It does not load, or computes wrong results.</exception>
    public static void Require()
    {
        if (OperatingSystem.IsLinux())
        {
            // libgomp's threads spin while they wait for each other. If something else uses the cores, that makes
            // training four times as slow; otherwise it gains nothing. libgomp reads this when it is loaded.
            Libc.SetVariable("GOMP_SPINCOUNT", "0", overwrite: false);

            // A step takes and gives back some hundred megabytes. glibc would return them to the kernel each time and
            // have every page cleared again: up to a quarter of a teacher's time.
            Libc.BoundHeap(LargestKeptBlock, KeptRest);
        }

        if (!IsBuiltFor(RuntimeInformation.ProcessArchitecture))
        {
            throw new TrainerException(DescribeMissing(RuntimeInformation.RuntimeIdentifier), ExitCodes.RunFailed);
        }

        try
        {
            NativeBinding.Load();
            NativeBinding.SilenceWarnings();
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException or TypeInitializationException)
        {
            throw new TrainerException(DescribeLoadFailure(e.Message), ExitCodes.RunFailed);
        }

        RequireRightResults();
    }

    /// <summary>Restarts the program with oneDNN's AVX2 kernels where its faster ones are wrong.</summary>
    /// <exception cref="TrainerException">They are wrong too.</exception>
    private static void RequireRightResults()
    {
        if (KernelCheck.FindError() is not { } error)
        {
            return;
        }

        if (KernelLimit == SlowKernels)
        {
            throw new TrainerException(
                $"libtorch computes wrong results on this processor, with its AVX2 kernels too: {error}. "
                + "Train on another machine.",
                ExitCodes.RunFailed);
        }

        string problem = $"libtorch's kernels compute wrong results on this processor: {error}.";
        if (OperatingSystem.IsLinux())
        {
            Console.Error.WriteLine($"{problem} Going on with its AVX2 kernels.");
            Libc.SetVariable(KernelVariable, SlowKernels, overwrite: true);
            Libc.Restart(); // oneDNN reads the variable only once, and has read it
        }

        throw new TrainerException(
            $"{problem} Set {KernelVariable}={SlowKernels} and start again.", ExitCodes.RunFailed);
    }

    private static string DescribeLoadFailure(string problem)
    {
        // Such as "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by …)".
        if (MissingVersion().Match(problem) is { Success: true } found)
        {
            return $"libtorch does not load: this system's {found.Groups["library"]} lacks {found.Groups["version"]}. "
                + "Train on Debian 12, Ubuntu 22.04 or a newer Linux, or in a container: "
                + "docker run -it --rm -v \"$PWD\":/src -w /src mcr.microsoft.com/dotnet/sdk:10.0 and the same "
                + "command.";
        }

        // Such as "libc10.so: cannot open shared object file: No such file or directory", among a dozen places looked
        // into.
        string[] missing = [.. MissingLibrary().Matches(problem).Select(match => match.Groups["library"].Value)];
        string? first = missing.FirstOrDefault(name => !name.StartsWith("libLib", StringComparison.Ordinal));
        return missing.Length > 0
            ? $"libtorch does not load: {first ?? missing[0]} is missing. If it is one of the "
                + "system's, install it; if not, build the trainer again, which brings it."
            : $"libtorch does not load: {problem.Trim().Split('\n')[^1].Trim()}";
    }

    [GeneratedRegex(@"(?<library>lib[\w.+-]+\.so[\d.]*): cannot open shared object file")]
    private static partial Regex MissingLibrary();

    [GeneratedRegex(@"(?<library>lib[^/\s]+): .*?(?<version>(GLIBC|GLIBCXX)_[\d.]*\d)")] // in any language
    private static partial Regex MissingVersion();

    /// <summary>
    /// Whether TorchSharp's packages have one that works on this operating system and such a processor. On Windows
    /// TorchSharp lacks functions of the libtorch that is packed with it and does not load (dotnet/TorchSharp#1567).
    /// </summary>
    private static bool IsBuiltFor(Architecture processor) =>
        !OperatingSystem.IsWindows()
        && processor == (OperatingSystem.IsMacOS() ? Architecture.Arm64 : Architecture.X64);

    /// <param name="platform">"linux-arm64"</param>
    internal static string DescribeMissing(string platform) =>
        $"There is no libtorch for {platform} that works. Train on Linux with an x64 processor, or on a Mac with an "
        + "arm64 one; the model file is the same everywhere.";
}
