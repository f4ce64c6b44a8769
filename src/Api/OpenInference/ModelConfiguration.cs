using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>How a model is run, in the words of Triton's model configuration.</summary>
/// <param name="Platform">The kind of model file.</param>
/// <param name="Backend">The runtime that executes it.</param>
/// <param name="MaxBatchSize">Images in one request at most.</param>
/// <param name="Input">Shapes without the number of images.</param>
/// <param name="Output">Shapes without the number of images.</param>
/// <param name="InstanceGroup">Batches computed at the same time.</param>
/// <param name="DynamicBatching">How requests are put together.</param>
public sealed record ModelConfiguration(
    string Name, string Platform, string Backend, int MaxBatchSize,
    IReadOnlyList<TensorConfiguration> Input, IReadOnlyList<TensorConfiguration> Output,
    IReadOnlyList<InstanceGroup> InstanceGroup, DynamicBatching DynamicBatching)
{
    public static ModelConfiguration Of(ServedModel model, ServiceOptions options) => new(
        model.Name,
        "onnxruntime_onnx",
        "onnxruntime",
        options.MaxInferImages,
        [Tensor(ModelContract.Input, RowSequence.TimeSteps, RowSequence.Features)],
        [Tensor(ModelContract.Probabilities, ModelContract.Classes),
            Tensor(ModelContract.Logits, ModelContract.Classes)],
        [new InstanceGroup("KIND_CPU", options.Workers)],
        new DynamicBatching([options.MaxBatch], MaxQueueDelayMicroseconds: 0));

    private static TensorConfiguration Tensor(string name, params int[] dims) => new(name, "TYPE_FP32", dims);
}

/// <summary>One tensor.</summary>
/// <param name="Name">The name that requests use.</param>
/// <param name="DataType">TYPE_FP32.</param>
/// <param name="Dims">Without the number of images.</param>
public sealed record TensorConfiguration(string Name, string DataType, IReadOnlyList<int> Dims);

/// <summary>Where the model runs, and how often.</summary>
/// <param name="Kind">KIND_CPU.</param>
/// <param name="Count">Batches at the same time.</param>
public sealed record InstanceGroup(string Kind, int Count);

/// <summary>How requests that wait are put together.</summary>
/// <param name="PreferredBatchSize">Images that a worker takes at once at most.</param>
/// <param name="MaxQueueDelayMicroseconds">0: nobody waits for company.</param>
public sealed record DynamicBatching(IReadOnlyList<int> PreferredBatchSize, int MaxQueueDelayMicroseconds);
