using System.Reflection;
using System.Text.Json.Serialization;

namespace MnistLstm.Api.OpenInference;

/// <summary>What the service is.</summary>
/// <param name="Name">Of the product.</param>
/// <param name="Version">Of the product.</param>
/// <param name="Extensions">Parts of the protocol beyond its core that are answered here.</param>
public sealed record ServerMetadata(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("extensions")] IReadOnlyList<string> Extensions)
{
    /// <summary>This one.</summary>
    public static ServerMetadata Own { get; } =
        new("mnist-lstm", Assembly.GetExecutingAssembly().GetName().Version!.ToString(fieldCount: 3), InferenceProtocol.Extensions);
}

/// <summary>Whether the process answers.</summary>
public sealed record ServerLive([property: JsonPropertyName("live")] bool Live);

/// <summary>Whether the service wants requests.</summary>
public sealed record ServerReady([property: JsonPropertyName("ready")] bool Ready);
