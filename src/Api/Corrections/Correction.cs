using System.Text.Json;
using System.Text.Json.Serialization;

namespace MnistLstm.Api.Corrections;

/// <summary>A stored picture.</summary>
/// <param name="Digit">The digit that it shows.</param>
/// <param name="File">Its file in the corrections folder: the digit, a slash and the SHA-256 of the content.</param>
public sealed record Correction(int Digit, string File);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Correction))]
internal sealed partial class CorrectionJson : JsonSerializerContext;
