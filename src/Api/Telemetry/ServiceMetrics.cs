using System.Diagnostics.Metrics;

namespace MnistLstm.Api.Telemetry;

/// <summary>The service's own metrics, in addition to those of ASP.NET Core and the runtime.</summary>
/// <remarks>
/// Names and units follow OpenTelemetry's semantic conventions. Measuring allocates nothing, and without a listener it
/// does nothing.
/// </remarks>
public static class ServiceMetrics
{
    public const string MeterName = "MnistLstm";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Predictions = Meter.CreateCounter<long>(
        "mnist_lstm.predictions", "{prediction}", "Predicted digits, by model, digit and outcome.");

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "mnist_lstm.refusals", "{refusal}", "Pictures and requests answered with a problem, by its type.");

    private static readonly Counter<long> Drops = Meter.CreateCounter<long>(
        "mnist_lstm.drops", "{image}", "Images taken out of the queue without being computed, by reason.");

    private static readonly Counter<long> Reloads = Meter.CreateCounter<long>(
        "mnist_lstm.model.reloads", "{reload}",
        "Files of the model folder that were loaded or rejected, by outcome.");

    private static readonly Histogram<long> BatchSize = Meter.CreateHistogram(
        "mnist_lstm.batch.size", "{image}", "Images that the network computed at once.",
        advice: new InstrumentAdvice<long>
        {
            HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
        });

    private static readonly Histogram<double> StepDuration = Meter.CreateHistogram(
        "mnist_lstm.step.duration", "s",
        "Time in a step: decode and normalize of a picture, queue of a request, infer of a batch.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries =
                [1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                    1, 2.5, 5, 10],
        });

    private static readonly KeyValuePair<string, object?>[] Digits =
        [.. Enumerable.Range(0, 10).Select(digit => Tag("digit", $"{digit}"))];

    private static readonly KeyValuePair<string, object?> IsDigit = Tag("outcome", "digit");
    private static readonly KeyValuePair<string, object?> NotADigit = Tag("outcome", "no_digit");
    private static readonly KeyValuePair<string, object?> Decode = Tag("step", "decode");
    private static readonly KeyValuePair<string, object?> Normalize = Tag("step", "normalize");
    private static readonly KeyValuePair<string, object?> Queue = Tag("step", "queue");
    private static readonly KeyValuePair<string, object?> Infer = Tag("step", "infer");

    /// <summary>Counts an answered picture.</summary>
    /// <param name="model">The name of the model that read it.</param>
    /// <param name="digit">The most probable digit.</param>
    /// <param name="isDigit">Whether the picture probably shows one digit.</param>
    public static void Predicted(string model, int digit, bool isDigit) =>
        Predictions.Add(1, Tag("model", model), Digits[digit], isDigit ? IsDigit : NotADigit);

    /// <summary>Counts a picture or a request that was answered with a problem.</summary>
    /// <param name="type">The problem's type.</param>
    public static void Refused(string type) => Refusals.Add(1, Tag("error.type", type));

    /// <summary>Records the time to decode a picture, even if that failed.</summary>
    public static void Decoded(TimeSpan duration) => StepDuration.Record(duration.TotalSeconds, Decode);

    /// <summary>Records the time to normalize a picture.</summary>
    public static void Normalized(TimeSpan duration) => StepDuration.Record(duration.TotalSeconds, Normalize);

    /// <summary>Records the time that a request waited in the queue.</summary>
    public static void Waited(TimeSpan duration) => StepDuration.Record(duration.TotalSeconds, Queue);

    /// <summary>Records a batch.</summary>
    public static void Computed(int images, TimeSpan duration)
    {
        BatchSize.Record(images);
        StepDuration.Record(duration.TotalSeconds, Infer);
    }

    /// <summary>Counts images that were dropped because their deadline passed or their client left.</summary>
    public static void Dropped(int images, string reason) => Drops.Add(images, Tag("reason", reason));

    /// <summary>Counts a loaded model or a rejected file.</summary>
    public static void Reloaded(bool taken) => Reloads.Add(1, Tag("outcome", taken ? "taken" : "rejected"));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
