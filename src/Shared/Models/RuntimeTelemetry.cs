using Microsoft.ML.OnnxRuntime;

namespace MnistLstm.Shared.Models;

/// <summary>
/// ONNX Runtime's package, from 1.31 on, keeps a device id in the user's cache and reports to its maker. Not from here.
/// </summary>
internal static class RuntimeTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>To be called before anything else of ONNX Runtime.</summary>
    public static void TurnOff()
    {
        // The native library reads its own environment, which .NET only copies, when its first object is made.
        Libc.SetVariable(Variable, "1", overwrite: true);
        OrtEnv.Instance().DisableTelemetryEvents();
    }
}
