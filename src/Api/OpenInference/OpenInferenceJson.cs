using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.OpenInference;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InferResponse))]
[JsonSerializable(typeof(float[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(InferenceError))]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(ServerLive))]
[JsonSerializable(typeof(ServerReady))]
[JsonSerializable(typeof(ModelMetadata))]
[JsonSerializable(typeof(ModelReady))]
[JsonSerializable(typeof(ModelConfiguration))]
[JsonSerializable(typeof(StatisticsAnswer))]
[JsonSerializable(typeof(IEnumerable<RepositoryModel>))]
internal sealed partial class OpenInferenceJson : JsonSerializerContext;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(ShortStringConverter), typeof(PositionConverter)])]
[JsonSerializable(typeof(InferRequest))]
internal sealed partial class InferRequestJson : JsonSerializerContext;

/// <summary>Any error under <c>/v2</c>.</summary>
/// <param name="Error">The error, as a sentence.</param>
public sealed record InferenceError(string Error)
{
    /// <summary>Keeps quotation marks readable; browsers never take the body for HTML.</summary>
    private static readonly OpenInferenceJson Json = new(new JsonSerializerOptions(OpenInferenceJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The format of all problems under <see cref="InferenceProtocol.Root"/>.</summary>
    internal static ProblemFormat Format { get; } = new(
        InferenceProtocol.Root,
        InferenceProtocol.JsonType,
        problem => JsonSerializer.SerializeToUtf8Bytes(new InferenceError(problem.Detail), Json.InferenceError));
}
