using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Predictions;

/// <summary>What was read in several pictures.</summary>
/// <param name="Predictions">In the order of the pictures: a prediction each, or its error.</param>
public sealed record PredictionBatch(IReadOnlyList<object> Predictions);

/// <summary>In the place of a prediction: why this picture has none.</summary>
/// <param name="Error">As it would be answered on its own.</param>
public sealed record FailedPrediction(Problem Error);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PredictionBatch))]
[JsonSerializable(typeof(Prediction))]
[JsonSerializable(typeof(FailedPrediction))]
internal sealed partial class PredictionBatchJson : JsonSerializerContext;
