using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Predictions;

/// <summary>The predictions for several pictures.</summary>
/// <param name="Predictions">One entry for each picture, in the same order.</param>
public sealed record PredictionBatch(IReadOnlyList<BatchEntry> Predictions);

/// <summary>The result for one picture: either a prediction or an error.</summary>
/// <param name="Prediction">The answer of <c>/predict</c>; absent if the picture cannot be read.</param>
/// <param name="Error">The reason for a missing prediction; absent if there is one.</param>
public sealed record BatchEntry(Prediction? Prediction = null, Problem? Error = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PredictionBatch))]
internal sealed partial class PredictionBatchJson : JsonSerializerContext;
