using System.Text.Json.Serialization;

namespace MnistLstm.Api.OpenInference;

/// <summary>Any error under <c>/v2</c>.</summary>
/// <param name="Error">What is wrong, as a sentence.</param>
public sealed record InferenceError([property: JsonPropertyName("error")] string Error);
