using MnistLstm.Api.Batching;
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

/// <summary>Whether a model accepts requests.</summary>
public sealed record ModelReady(string Name, bool Ready);

/// <summary>Why a model does not accept requests: the service is stopping or overloaded.</summary>
/// <param name="Name">The model, if the service is stopping.</param>
/// <param name="Ready">False if the service is stopping.</param>
/// <param name="Error">The error, if the service is overloaded.</param>
public sealed record ModelNotReady(string? Name, bool? Ready, string? Error);

/// <summary>One model of the model folder.</summary>
/// <param name="State">READY: only models that answer are listed.</param>
/// <param name="Reason">Empty.</param>
public sealed record RepositoryModel(string Name, string Version, string State, string Reason);

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
        model.Name, [model.Card.Version], "onnx_onnxv1", TensorMetadata.Inputs, TensorMetadata.Outputs,
        new Dictionary<string, string>
        {
            ["encoded_images"] =
                "rows may also be BYTES [-1]: each element an image file (PNG, JPEG, WebP, GIF or BMP), base64 in JSON",
            ["max_batch_size"] = $"{options.MaxInferImages}",
        });
}

/// <summary>One tensor of a model.</summary>
/// <param name="Name">The name that requests use.</param>
/// <param name="Datatype">FP32.</param>
/// <param name="Shape">-1 is the number of images.</param>
public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<int> Shape)
{
    internal static TensorMetadata[] Inputs { get; } =
        [Fp32(ModelContract.Input, RowSequence.TimeSteps, RowSequence.Features)];

    internal static TensorMetadata[] Outputs { get; } =
        [Fp32(ModelContract.Probabilities, ModelContract.Classes), Fp32(ModelContract.Logits, ModelContract.Classes)];

    private static TensorMetadata Fp32(string name, params int[] dims) =>
        new(name, InferenceProtocol.Fp32, [-1, .. dims]);
}

/// <summary>A model in Triton's model configuration.</summary>
/// <param name="Platform">The kind of model file.</param>
/// <param name="Backend">The runtime that executes it.</param>
/// <param name="MaxBatchSize">Maximum images in a request.</param>
/// <param name="Input">Tensors, without the number of images.</param>
/// <param name="Output">Tensors, without the number of images.</param>
/// <param name="InstanceGroup">Batches computed at the same time.</param>
/// <param name="DynamicBatching">How requests form batches.</param>
public sealed record ModelConfiguration(
    string Name, string Platform, string Backend, int MaxBatchSize,
    IReadOnlyList<TensorConfiguration> Input, IReadOnlyList<TensorConfiguration> Output,
    IReadOnlyList<InstanceGroup> InstanceGroup, DynamicBatching DynamicBatching)
{
    public static ModelConfiguration Of(ServedModel model, ServiceOptions options) => new(
        model.Name, "onnxruntime_onnx", "onnxruntime", options.MaxInferImages,
        Array.ConvertAll(TensorMetadata.Inputs, TensorConfiguration.Of),
        Array.ConvertAll(TensorMetadata.Outputs, TensorConfiguration.Of),
        [new InstanceGroup("KIND_CPU", options.Workers)],
        new DynamicBatching([options.MaxBatch], MaxQueueDelayMicroseconds: 0));
}

/// <summary>One tensor.</summary>
/// <param name="Name">The name that requests use.</param>
/// <param name="DataType">TYPE_FP32.</param>
/// <param name="Dims">Dimensions without the number of images.</param>
public sealed record TensorConfiguration(string Name, string DataType, IReadOnlyList<int> Dims)
{
    internal static TensorConfiguration Of(TensorMetadata tensor) =>
        new(tensor.Name, $"TYPE_{tensor.Datatype}", [.. tensor.Shape.Skip(1)]);
}

/// <summary>The workers of a model.</summary>
/// <param name="Kind">KIND_CPU.</param>
/// <param name="Count">Batches at the same time.</param>
public sealed record InstanceGroup(string Kind, int Count);

/// <summary>How waiting requests form batches.</summary>
/// <param name="PreferredBatchSize">Maximum images in a batch.</param>
/// <param name="MaxQueueDelayMicroseconds">0: a request never waits for others.</param>
public sealed record DynamicBatching(IReadOnlyList<int> PreferredBatchSize, int MaxQueueDelayMicroseconds);

/// <summary>Statistics of the models that were asked for.</summary>
/// <param name="ModelStats">One entry for each model.</param>
public sealed record StatisticsAnswer(IReadOnlyList<ModelStatistics> ModelStats);

/// <summary>A model's work since it was loaded, whichever endpoint asked for it.</summary>
/// <param name="LastInference">Time of the last run, in milliseconds since 1970; 0 if never.</param>
/// <param name="InferenceCount">Number of images.</param>
/// <param name="ExecutionCount">Number of batches.</param>
/// <param name="InferenceStats">Times by the step of a request.</param>
/// <param name="BatchStats">Times by batch size.</param>
public sealed record ModelStatistics(
    string Name, string Version, long LastInference, long InferenceCount, long ExecutionCount,
    InferenceSteps InferenceStats, IReadOnlyList<BatchStatistics> BatchStats)
{
    public static ModelStatistics Of(ServedModel model)
    {
        InferenceCounts counts = model.Queue.Statistics.Read();
        return new ModelStatistics(
            model.Name,
            model.Card.Version,
            counts.LastAt?.ToUnixTimeMilliseconds() ?? 0,
            counts.Images,
            counts.Batches.Sum(batch => batch.ComputeInfer.Count),
            counts.Steps,
            counts.Batches);
    }
}
