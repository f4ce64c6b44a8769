using System.Text.Json.Serialization;

namespace MnistLstm.Api.OpenInference;

/// <summary>One model of the model folder.</summary>
/// <param name="Name">Of the model.</param>
/// <param name="Version">Of the model.</param>
/// <param name="State">READY: only models that answer are listed.</param>
/// <param name="Reason">Empty.</param>
public sealed record RepositoryModel(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("reason")] string Reason)
{
    internal const string Ready = "READY";
}
