using System.Reflection;
using System.Runtime.InteropServices;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Native;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;
using TorchSharp;

namespace MnistLstm.Trainer.Onnx;

/// <summary>Values that differ between the runs of a recipe, for the card.</summary>
internal static class RunDescription
{
    /// <summary>The commit that the trainer was built from, from its version "0.1.0+COMMIT".</summary>
    public static string Commit()
    {
        string? version = typeof(RunDescription).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return version?.Split('+') is [_, { Length: >= ModelWriter.VersionDigits } commit]
            ? commit[..ModelWriter.VersionDigits]
            : "unknown";
    }

    public static TrainingRun Of(TrainingHistory history, TrainingOptions options)
    {
        const string cpuInfo = "/proc/cpuinfo";
        string? processor = File.Exists(cpuInfo)
            ? File.ReadLines(cpuInfo)
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        return new TrainingRun(
            FinishedAt: DateTimeOffset.UtcNow,
            Seconds: Math.Round(history.Elapsed.TotalSeconds, 1),
            Machine: $"{processor ?? $"{RuntimeInformation.ProcessArchitecture}"}, "
                + $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}",
            Libraries: $"{RuntimeInformation.FrameworkDescription}, TorchSharp "
            + $"{typeof(torch).Assembly.GetName().Version}, libtorch {torch.__version__}, "
                + $"ONNX Runtime {Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetVersionString()}",
            Kernels: (
                Libtorch.KernelLimit is { } limit ? $"oneDNN, limited to {limit}" : "oneDNN, the processor's fastest")
                + (options.NumberFormat == NumberFormat.Fastest
                    ? $"; {options.Format.ToString().ToLowerInvariant()} chosen for the processor"
                    : ""));
    }
}
