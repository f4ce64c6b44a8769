using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.OpenInference;

/// <summary>An inference request: one input with the images, and the requested outputs.</summary>
/// <param name="Id">Returned unchanged in the answer; at most 64 characters.</param>
/// <param name="Parameters">Parameters of the whole request.</param>
/// <param name="Inputs">The input of the model, <c>rows</c>.</param>
/// <param name="Outputs">The outputs to return; all of them if absent.</param>
internal sealed record InferRequest(
    string? Id, InferParameters? Parameters, BoundedList<InferInputTensor>? Inputs,
    BoundedList<InferRequestedOutput>? Outputs);

/// <summary>The images of a request as a tensor.</summary>
/// <param name="Name">Must be <c>rows</c>.</param>
/// <param name="Shape">[N, 28, 28] for FP32, [N] for BYTES.</param>
/// <param name="Datatype">FP32: intensities from 0 (paper) to 1 (ink). BYTES: image files.</param>
/// <param name="Parameters">Parameters of this input.</param>
/// <param name="Data">Numbers, or image files in base64; flat or nested as the shape says.</param>
internal sealed record InferInputTensor(
    string? Name, BoundedList<long>? Shape, string? Datatype, InferParameters? Parameters, TensorData? Data);

/// <summary>A requested output.</summary>
/// <param name="Name">Either <c>probabilities</c> or <c>logits</c>.</param>
/// <param name="Parameters">Parameters of this output.</param>
internal sealed record InferRequestedOutput(string? Name, InferParameters? Parameters = null);

/// <summary>The parameters that the service understands. It ignores others.</summary>
/// <param name="BinaryDataOutput">A request's parameter: return all outputs as raw bytes after the JSON.</param>
/// <param name="BinaryDataSize">A tensor's parameter: its bytes after the JSON, instead of <c>data</c>.</param>
/// <param name="BinaryData">An output's parameter: return it as raw bytes after the JSON.</param>
/// <param name="Classification">
/// Of an output: return this many most probable digits as <c>value:digit</c> instead of the tensor.
/// </param>
/// <param name="SharedMemoryRegion">Not supported: the service refuses a request that names shared memory.</param>
internal sealed record InferParameters(
    bool? BinaryDataOutput = null,
    long? BinaryDataSize = null,
    bool? BinaryData = null,
    int? Classification = null,
    string? SharedMemoryRegion = null);

/// <summary>The response to an inference request.</summary>
/// <param name="ModelName">The model that answered.</param>
/// <param name="ModelVersion">The version of its weights.</param>
/// <param name="Id">The id of the request, if it has one.</param>
/// <param name="Outputs">The outputs, in the order of the request.</param>
internal sealed record InferResponse(
    string ModelName, string ModelVersion, string? Id, IReadOnlyList<InferOutputTensor> Outputs);

/// <summary>A list with few entries, so that no request fills the memory.</summary>
internal sealed class BoundedList<T> : Collection<T>
{
    /// <summary>A valid request has at most three entries in a list.</summary>
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

/// <summary>Reads names and ids. A huge one does not become a .NET string.</summary>
internal sealed class ShortStringConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException();
        }

        // An escaped character has 6 bytes.
        return reader.ValueSpan.Length <= 6 * Excerpt.MaxLength
            && reader.GetString() is { Length: <= Excerpt.MaxLength } text
            ? text
            : throw new InferRequestException(InferInputReader.TooLong(Excerpt.Of(reader)));
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        throw new NotSupportedException("A request is read and never written.");
}

/// <summary>The message is a sentence for the client.</summary>
internal sealed class InferRequestException(string sentence) : JsonException(sentence);
