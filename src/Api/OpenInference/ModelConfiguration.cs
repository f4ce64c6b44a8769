using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

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
/// <param name="Dims">Dimensions without the number of images.</param>
public sealed record TensorConfiguration(string Name, string DataType, IReadOnlyList<int> Dims);

/// <summary>The workers of a model.</summary>
/// <param name="Kind">KIND_CPU.</param>
/// <param name="Count">Batches at the same time.</param>
public sealed record InstanceGroup(string Kind, int Count);

/// <summary>How waiting requests form batches.</summary>
/// <param name="PreferredBatchSize">Maximum images in a batch.</param>
/// <param name="MaxQueueDelayMicroseconds">0: a request never waits for others.</param>
public sealed record DynamicBatching(IReadOnlyList<int> PreferredBatchSize, int MaxQueueDelayMicroseconds);
