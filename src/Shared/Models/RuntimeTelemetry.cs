using Microsoft.ML.OnnxRuntime;

namespace MnistLstm.Shared.Models;

/// <summary>
/// Disables the telemetry of ONNX Runtime, which from 1.31 on stores a device id in the user's cache and reports to its
/// maker.
/// </summary>
internal static class RuntimeTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Call it before any other use of ONNX Runtime.</summary>
    public static void TurnOff()
    {
        // The native library reads the native environment, which .NET only copies, when its first object is created.
        Libc.SetVariable(Variable, "1", overwrite: true);
        OrtEnv.Instance().DisableTelemetryEvents();
    }
}
