using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace MnistLstm.Api.OpenInference;

/// <summary>A request for inference: one input with the images, and the outputs to answer with.</summary>
internal sealed class InferRequest
{
    /// <summary>Returned unchanged in the answer; at most 64 characters.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; set; }

    /// <summary>Parameters of the whole request.</summary>
    [JsonPropertyName("parameters")]
    public InferParameters? Parameters { get; set; }

    /// <summary>The input of the model, <c>rows</c>.</summary>
    [JsonPropertyName("inputs")]
    public FewItems<InferInputTensor>? Inputs { get; set; }

    /// <summary>The outputs to return; all of them if absent.</summary>
    [JsonPropertyName("outputs")]
    public FewItems<InferRequestedOutput>? Outputs { get; set; }
}

/// <summary>The images of a request as a tensor.</summary>
internal sealed class InferInputTensor
{
    /// <summary>Must be <c>rows</c>.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    /// <summary>[N, 28, 28] for FP32, [N] for BYTES.</summary>
    [JsonPropertyName("shape")]
    public FewItems<long>? Shape { get; set; }

    /// <summary>FP32: intensities from 0 (paper) to 1 (ink). BYTES: image files.</summary>
    [JsonPropertyName("datatype")]
    public string? Datatype { get; set; }

    /// <summary>Parameters of this input.</summary>
    [JsonPropertyName("parameters")]
    public InferParameters? Parameters { get; set; }

    /// <summary>Numbers, or image files in base64; flat or nested as the shape says.</summary>
    [JsonPropertyName("data")]
    public TensorData? Data { get; set; }
}

/// <summary>An output that a request asks for.</summary>
internal sealed class InferRequestedOutput
{
    /// <summary>Either <c>probabilities</c> or <c>logits</c>.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    /// <summary>Parameters of this output.</summary>
    [JsonPropertyName("parameters")]
    public InferParameters? Parameters { get; set; }
}

/// <summary>The parameters that the service understands. It ignores others.</summary>
internal sealed class InferParameters
{
    /// <summary>Of a request: return all outputs as raw bytes after the JSON.</summary>
    [JsonPropertyName("binary_data_output")]
    public bool? BinaryOutputs { get; set; }

    /// <summary>Of an input or an answer's output: its bytes after the JSON, in place of <c>data</c>.</summary>
    [JsonPropertyName("binary_data_size")]
    public long? BinarySize { get; set; }

    /// <summary>Of an output: return it as raw bytes after the JSON.</summary>
    [JsonPropertyName("binary_data")]
    public bool? Binary { get; set; }

    /// <summary>Of an output: return this many most probable digits as <c>value:digit</c> instead of the tensor.</summary>
    [JsonPropertyName("classification")]
    public int? Classes { get; set; }

    /// <summary>Not supported: the service refuses a request that names shared memory.</summary>
    [JsonPropertyName("shared_memory_region")]
    public string? SharedMemory { get; set; }
}

/// <summary>A list that a request cannot fill the memory with.</summary>
internal sealed class FewItems<T> : Collection<T>
{
    /// <summary>No list of a valid request has more than three.</summary>
    private const int Max = 8;

    protected override void InsertItem(int index, T item)
    {
        if (Count == Max)
        {
            throw new InferRequestException($"The request has a list of more than {Max} entries.");
        }

        base.InsertItem(index, item);
    }
}
