using System.Globalization;

namespace MnistLstm.Api.Telemetry;

/// <summary>
/// Durations of the steps of a prediction, for the <c>Server-Timing</c> header (W3C, "Server Timing").
/// </summary>
public struct StageTimings
{
    public TimeSpan Decode { get; set; }

    public TimeSpan Normalize { get; set; }

    public TimeSpan Queue { get; set; }

    public TimeSpan Infer { get; set; }

    /// <summary>
    /// In milliseconds: <c>decode;dur=0.012, normalize;dur=0.003, queue;dur=0.001, infer;dur=0.071</c>.
    /// </summary>
    public override readonly string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        stackalloc char[128],
        $"decode;dur={Decode.TotalMilliseconds:F3}, normalize;dur={Normalize.TotalMilliseconds:F3}, "
        + $"queue;dur={Queue.TotalMilliseconds:F3}, infer;dur={Infer.TotalMilliseconds:F3}");
}
