using System.Globalization;
using System.Text.Json.Serialization;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>What a model takes and gives.</summary>
/// <param name="Name">Of the model.</param>
/// <param name="Versions">The one that is loaded.</param>
/// <param name="Platform">Its format.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Outputs">What it gives.</param>
/// <param name="Properties">What the protocol has no place for.</param>
public sealed record ModelMetadata(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("versions")] IReadOnlyList<string> Versions,
    [property: JsonPropertyName("platform")] string Platform,
    [property: JsonPropertyName("inputs")] IReadOnlyList<TensorMetadata> Inputs,
    [property: JsonPropertyName("outputs")] IReadOnlyList<TensorMetadata> Outputs,
    [property: JsonPropertyName("properties")] IReadOnlyDictionary<string, string> Properties)
{
    private const string EncodedImages =
        "rows may also be BYTES [-1]: each element an image file (PNG, JPEG, WebP, GIF or BMP), base64 in JSON";

    public static ModelMetadata Of(ServedModel model, ServiceOptions options) => new(
        model.Name,
        [model.Card.Version],
        InferenceProtocol.Platform,
        [new TensorMetadata(ModelContract.Input, InferenceProtocol.Fp32, [-1, RowSequence.TimeSteps, RowSequence.Features])],
        [Output(ModelContract.Probabilities), Output(ModelContract.Logits)],
        new Dictionary<string, string>
        {
            ["encoded_images"] = EncodedImages,
            ["max_batch_size"] = options.MaxInferImages.ToString(CultureInfo.InvariantCulture),
        });

    private static TensorMetadata Output(string name) => new(name, InferenceProtocol.Fp32, [-1, ModelContract.Classes]);
}

/// <summary>One tensor of a model.</summary>
/// <param name="Name">As requests name it.</param>
/// <param name="Datatype">FP32.</param>
/// <param name="Shape">-1 is the number of images.</param>
public sealed record TensorMetadata(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("datatype")] string Datatype,
    [property: JsonPropertyName("shape")] IReadOnlyList<int> Shape);

/// <summary>Whether a model wants requests.</summary>
public sealed record ModelReady(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("ready")] bool Ready);
