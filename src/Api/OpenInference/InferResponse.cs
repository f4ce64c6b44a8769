using System.Text.Json.Serialization;

namespace MnistLstm.Api.OpenInference;

/// <summary>The answer to a request for inference.</summary>
/// <param name="ModelName">The model that answered.</param>
/// <param name="ModelVersion">The version of its weights.</param>
/// <param name="Id">The id of the request, if it has one.</param>
/// <param name="Outputs">In the order of the request.</param>
internal sealed record InferResponse(
    [property: JsonPropertyName("model_name")] string ModelName,
    [property: JsonPropertyName("model_version")] string ModelVersion,
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("outputs")] IReadOnlyList<InferOutputTensor> Outputs);

/// <summary>One output.</summary>
/// <param name="Name">As the request names it.</param>
/// <param name="Datatype">FP32; BYTES with <c>classification</c>.</param>
/// <param name="Shape">[N, 10], or [N, classes] with <c>classification</c>.</param>
/// <param name="Parameters">The number of bytes after the JSON, where the output is raw.</param>
/// <param name="Data">Row by row: numbers, or <c>value:digit</c> texts.</param>
internal sealed record InferOutputTensor(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("datatype")] string Datatype,
    [property: JsonPropertyName("shape")] IReadOnlyList<int> Shape,
    [property: JsonPropertyName("parameters")] InferParameters? Parameters,
    [property: JsonPropertyName("data")] TensorData? Data);
