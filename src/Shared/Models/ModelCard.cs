using System.Text.Json;
using System.Text.Json.Serialization;

namespace MnistLstm.Shared.Models;

/// <summary>
/// A model's origin and accuracy, in the ONNX file's metadata and beside it as <c>NAME.card.json</c>. Only the file
/// beside it has the details of the run and the file's hash. So the same seed gives the same ONNX file, bit for bit.
/// </summary>
public sealed record ModelCard
{
    /// <summary>First 12 hex digits of the SHA-256 over the weights: the same weights have the same version.</summary>
    public required string Version { get; init; }

    /// <summary>Name of the recipe, "seed" or "best".</summary>
    public required string Preset { get; init; }

    /// <summary>The seed of all random numbers of the run.</summary>
    public required long Seed { get; init; }

    /// <summary>Every hyper-parameter of the run by its command-line name.</summary>
    public required IReadOnlyDictionary<string, string> HyperParameters { get; init; }

    /// <summary>Trainable parameters of the network.</summary>
    public required int ParameterCount { get; init; }

    /// <summary>SHA-256 of the uncompressed data files, by file name.</summary>
    public required IReadOnlyDictionary<string, string> DataSha256 { get; init; }

    /// <summary>
    /// Commit of the source that trained the model, "unknown" outside a checkout. In newer models it is only in the
    /// file beside the model, so that another commit with the same training writes the same model.
    /// </summary>
    public string? Commit { get; init; }

    /// <summary>Result on the held-out first 5,000 training images; absent if none were held out.</summary>
    public SplitResult? Validation { get; init; }

    /// <summary>Result on the 10,000 test images, measured once at the end.</summary>
    public required SplitResult Test { get; init; }

    /// <summary>Divides the logits before the softmax; fitted on validation, 1 if not fitted.</summary>
    public required double Temperature { get; init; }

    /// <summary>
    /// Largest |TorchSharp − ONNX Runtime| of any probability over the test set; for byte weights, that of the float
    /// model.
    /// </summary>
    public required double Parity { get; init; }

    /// <summary>
    /// The evidence ln Σ exp(logit), in nats, from which on a picture probably shows one digit.
    /// </summary>
    public required double IsDigitThreshold { get; init; }

    /// <summary>Rejection rates at that threshold; absent if not measured.</summary>
    public RejectionRates? Refused { get; init; }

    /// <summary>Details and effect of the weight quantization; absent for float weights.</summary>
    public Quantization? Quantization { get; init; }

    /// <summary>Time, machine and duration of the run; only in the file beside the model.</summary>
    public TrainingRun? Run { get; init; }

    /// <summary>SHA-256 of the ONNX file; only in the file beside the model.</summary>
    public string? ModelSha256 { get; init; }

    /// <summary>The rule of <c>isDigit</c>: enough evidence, and no second figure in the picture.</summary>
    /// <param name="logits">[C = 10], before temperature.</param>
    /// <param name="isAlone">Whether the normalizer found no second figure in the picture.</param>
    public bool IsDigit(ReadOnlySpan<float> logits, bool isAlone) =>
        isAlone && EnergyScore.FromLogits(logits) >= IsDigitThreshold;

    public string ToJson() => JsonSerializer.Serialize(this, ModelCardJson.Default.ModelCard);

    /// <exception cref="JsonException">The text is not a model card.</exception>
    public static ModelCard FromJson(string json) =>
        JsonSerializer.Deserialize(json, ModelCardJson.Default.ModelCard)
        ?? throw new JsonException("The model card is null.");
}

/// <summary>A model's result on one split.</summary>
/// <param name="Images">Images in the split.</param>
/// <param name="Correct">Images whose most probable digit is the label.</param>
/// <param name="Accuracy">Correct / Images.</param>
/// <param name="Interval">95 % Wilson score interval of the accuracy: lower and upper end.</param>
/// <param name="NegativeLogLikelihood">Mean of −ln p(label), in nats.</param>
/// <param name="CalibrationError">Expected calibration error over 15 equal-width bins.</param>
/// <param name="Confusion">[10, 10]: row = label, column = digit, in images.</param>
public sealed record SplitResult(
    int Images,
    int Correct,
    double Accuracy,
    double[] Interval,
    double NegativeLogLikelihood,
    double CalibrationError,
    int[][] Confusion);

/// <summary>The effect of rounding a model's weights to bytes.</summary>
/// <param name="Weights">The rounded weights, and the granularity of the scales.</param>
/// <param name="Bits">Bits of a rounded weight.</param>
/// <param name="FloatVersion">Version of the model with float weights.</param>
/// <param name="FloatSha256">SHA-256 of its ONNX file.</param>
/// <param name="LargestDifference">Largest difference of any probability from that model's, over the test set.</param>
/// <param name="DifferentDigits">Test images that the two read as different digits.</param>
public sealed record Quantization(
    string Weights, int Bits, string FloatVersion, string FloatSha256, double LargestDifference, int DifferentDigits);

/// <summary>The run that made a model.</summary>
/// <param name="FinishedAt">Time at which the file was written, UTC.</param>
/// <param name="Seconds">Training time.</param>
/// <param name="Machine">Processor, cores and operating system.</param>
/// <param name="Libraries">Versions of the libraries.</param>
/// <param name="Kernels">The kernels of libtorch's LSTM and convolutions; null in older cards.</param>
public sealed record TrainingRun(
    DateTimeOffset FinishedAt, double Seconds, string Machine, string Libraries, string? Kernels = null);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    NewLine = "\n",
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelCard))]
internal sealed partial class ModelCardJson : JsonSerializerContext;
