using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace MnistLstm.Shared.Models;

/// <summary>
/// ONNX Runtime's package, from 1.31 on, keeps a device id in the user's cache and reports to its maker. Not from here.
/// </summary>
internal static partial class RuntimeTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>To be called before anything else of ONNX Runtime.</summary>
    public static void TurnOff()
    {
        // The native library reads its own environment, which .NET only copies, when its first object is made.
        if (!OperatingSystem.IsWindows())
        {
            _ = SetNativeVariable(Variable, "1", overwrite: 1);
        }

        OrtEnv.Instance().DisableTelemetryEvents();
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNativeVariable(string name, string value, int overwrite);
}
