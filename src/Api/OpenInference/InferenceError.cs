using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.OpenInference;

/// <summary>Any error under <c>/v2</c>.</summary>
/// <param name="Error">What is wrong, as a sentence.</param>
public sealed record InferenceError([property: JsonPropertyName("error")] string Error)
{
    /// <summary>Quotation marks in the sentences stay readable; the body is never taken for HTML.</summary>
    private static readonly OpenInferenceJson Json =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The form of all problems below <see cref="InferenceProtocol.Root"/>.</summary>
    internal static ProblemFormat Format { get; } = new(
        InferenceProtocol.Root,
        InferenceProtocol.JsonType,
        problem => JsonSerializer.SerializeToUtf8Bytes(new InferenceError(problem.Detail), Json.InferenceError));
}
