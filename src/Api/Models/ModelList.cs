using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Models;

/// <summary>The loaded models.</summary>
/// <param name="Default">Name of the default model.</param>
/// <param name="Models">The models by name.</param>
/// <param name="Rejected">Files rejected while the service ran; the previous models keep serving.</param>
public sealed record ModelList(string Default, IReadOnlyList<ModelInfo> Models, IReadOnlyList<RejectedFile> Rejected);

/// <summary>One loaded model.</summary>
/// <param name="Name">Its file's name without the extension.</param>
/// <param name="Version">The same weights have the same version.</param>
/// <param name="IsDefault">True for the model that answers requests that name none.</param>
/// <param name="LoadedAt">Time at which it was loaded.</param>
/// <param name="Card">The model card: how the model was trained and how accurate it is.</param>
public sealed record ModelInfo(string Name, string Version, bool IsDefault, DateTimeOffset LoadedAt, ModelCard Card);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ModelList))]
internal sealed partial class ModelListJson : JsonSerializerContext;
