using System.Text.Json.Serialization;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>How a model is run, in the words of Triton's model configuration.</summary>
/// <param name="Name">Of the model.</param>
/// <param name="Platform">What runs it.</param>
/// <param name="Backend">What runs it.</param>
/// <param name="MaxBatchSize">Images in one request at most.</param>
/// <param name="Input">Shapes without the number of images.</param>
/// <param name="Output">Shapes without the number of images.</param>
/// <param name="InstanceGroup">Batches computed at the same time.</param>
/// <param name="DynamicBatching">How requests are put together.</param>
public sealed record ModelConfiguration(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("platform")] string Platform,
    [property: JsonPropertyName("backend")] string Backend,
    [property: JsonPropertyName("max_batch_size")] int MaxBatchSize,
    [property: JsonPropertyName("input")] IReadOnlyList<TensorConfiguration> Input,
    [property: JsonPropertyName("output")] IReadOnlyList<TensorConfiguration> Output,
    [property: JsonPropertyName("instance_group")] IReadOnlyList<InstanceGroup> InstanceGroup,
    [property: JsonPropertyName("dynamic_batching")] DynamicBatching DynamicBatching)
{
    public static ModelConfiguration Of(ServedModel model, ServiceOptions options) => new(
        model.Name,
        "onnxruntime_onnx",
        "onnxruntime",
        options.MaxInferImages,
        [new TensorConfiguration(ModelContract.Input, TensorConfiguration.Fp32, [RowSequence.TimeSteps, RowSequence.Features])],
        [Classes(ModelContract.Probabilities), Classes(ModelContract.Logits)],
        [new InstanceGroup("KIND_CPU", options.Workers)],
        new DynamicBatching([options.MaxBatch], MaxQueueDelayMicroseconds: 0));

    private static TensorConfiguration Classes(string name) => new(name, TensorConfiguration.Fp32, [ModelContract.Classes]);
}

/// <summary>One tensor.</summary>
/// <param name="Name">As requests name it.</param>
/// <param name="DataType">TYPE_FP32.</param>
/// <param name="Dims">Without the number of images.</param>
public sealed record TensorConfiguration(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("data_type")] string DataType,
    [property: JsonPropertyName("dims")] IReadOnlyList<int> Dims)
{
    internal const string Fp32 = "TYPE_FP32";
}

/// <summary>Who computes.</summary>
/// <param name="Kind">KIND_CPU.</param>
/// <param name="Count">Batches at the same time.</param>
public sealed record InstanceGroup(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("count")] int Count);

/// <summary>How requests that wait are put together.</summary>
/// <param name="PreferredBatchSize">Images that a worker takes at once at most.</param>
/// <param name="MaxQueueDelayMicroseconds">0: nobody waits for company.</param>
public sealed record DynamicBatching(
    [property: JsonPropertyName("preferred_batch_size")] IReadOnlyList<int> PreferredBatchSize,
    [property: JsonPropertyName("max_queue_delay_microseconds")] int MaxQueueDelayMicroseconds);
