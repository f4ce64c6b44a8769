using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Predictions;

/// <summary>What was read in several pictures.</summary>
/// <param name="Predictions">In the order of the pictures.</param>
public sealed record PredictionBatch(IReadOnlyList<BatchEntry> Predictions);

/// <summary>What became of one picture: it has either a prediction or an error.</summary>
/// <param name="Prediction">As <c>/predict</c> answers it; absent where the picture cannot be read.</param>
/// <param name="Error">Why there is no prediction; absent where there is one.</param>
public sealed record BatchEntry(Prediction? Prediction = null, Problem? Error = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PredictionBatch))]
internal sealed partial class PredictionBatchJson : JsonSerializerContext;
