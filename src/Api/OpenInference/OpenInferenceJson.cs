using System.Text.Json;
using System.Text.Json.Serialization;

namespace MnistLstm.Api.OpenInference;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(InferRequest))]
[JsonSerializable(typeof(InferResponse))]
[JsonSerializable(typeof(InferenceError))]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(ServerLive))]
[JsonSerializable(typeof(ServerReady))]
[JsonSerializable(typeof(ModelMetadata))]
[JsonSerializable(typeof(ModelReady))]
[JsonSerializable(typeof(ModelConfiguration))]
[JsonSerializable(typeof(StatisticsAnswer))]
[JsonSerializable(typeof(IReadOnlyList<RepositoryModel>))]
internal sealed partial class OpenInferenceJson : JsonSerializerContext
{
    /// <summary>Writes answers to requests for inference, without the properties that an answer lacks.</summary>
    public static OpenInferenceJson Answers { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}
