using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>The service's name, version and protocol extensions.</summary>
/// <param name="Extensions">Supported extensions of the protocol.</param>
public sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions)
{
    public static ServerMetadata Own { get; } =
        new("mnist-lstm", typeof(ServerMetadata).Assembly.GetName().Version!.ToString(fieldCount: 3),
            ["binary_tensor_data", "classification", "model_configuration", "statistics"]);
}

/// <summary>Whether the process answers.</summary>
public sealed record ServerLive(bool Live);

/// <summary>Whether the service accepts requests.</summary>
public sealed record ServerReady(bool Ready);

/// <summary>One model of the model folder.</summary>
/// <param name="State">READY: only models that answer are listed.</param>
/// <param name="Reason">Empty.</param>
public sealed record RepositoryModel(string Name, string Version, string State, string Reason)
{
    public static RepositoryModel Of(ServedModel model) => new(model.Name, model.Card.Version, "READY", Reason: "");
}

/// <summary>A model's inputs and outputs.</summary>
/// <param name="Versions">The loaded version.</param>
/// <param name="Platform">The model format.</param>
/// <param name="Properties">Facts that the protocol has no field for.</param>
public sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform,
    IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs,
    IReadOnlyDictionary<string, string> Properties)
{
    public static ModelMetadata Of(ServedModel model, ServiceOptions options) => new(
        model.Name,
        [model.Card.Version],
        "onnx_onnxv1",
        [new TensorMetadata(ModelContract.Input, InferenceProtocol.Fp32,
            [-1, RowSequence.TimeSteps, RowSequence.Features])],
        [Output(ModelContract.Probabilities), Output(ModelContract.Logits)],
        new Dictionary<string, string>
        {
            ["encoded_images"] =
                "rows may also be BYTES [-1]: each element an image file (PNG, JPEG, WebP, GIF or BMP), base64 in JSON",
            ["max_batch_size"] = $"{options.MaxInferImages}",
        });

    private static TensorMetadata Output(string name) => new(name, InferenceProtocol.Fp32, [-1, ModelContract.Classes]);
}

/// <summary>One tensor of a model.</summary>
/// <param name="Name">The name that requests use.</param>
/// <param name="Datatype">FP32.</param>
/// <param name="Shape">-1 is the number of images.</param>
public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<int> Shape);

/// <summary>Whether a model accepts requests.</summary>
public sealed record ModelReady(string Name, bool Ready);
