using System.Collections.ObjectModel;
using System.ComponentModel.DataAnnotations;
using System.Net.Mime;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>An inference request: one input with the images, and the requested outputs.</summary>
/// <param name="Inputs">The input of the model, <c>rows</c>.</param>
/// <param name="Outputs">The outputs to return; all of them if absent.</param>
/// <param name="Id">Returned unchanged in the answer; at most 64 characters.</param>
/// <param name="Parameters">Parameters of the whole request.</param>
internal sealed record InferRequest(
    [property: Length(1, 1)] BoundedList<InferInputTensor> Inputs, BoundedList<InferRequestedOutput>? Outputs = null,
    [property: MaxLength(Excerpt.MaxLength)] string? Id = null, InferParameters? Parameters = null);

/// <summary>The images of a request as a tensor.</summary>
/// <param name="Name">Must be <c>rows</c>.</param>
/// <param name="Shape">[N, 28, 28] for FP32, [N] for BYTES.</param>
/// <param name="Datatype">FP32: intensities from 0 (paper) to 1 (ink). BYTES: image files.</param>
/// <param name="Parameters">Parameters of this input.</param>
/// <param name="Data">Numbers, or image files in base64; flat or nested as the shape says.</param>
internal sealed record InferInputTensor(
    string Name, BoundedList<long> Shape, string Datatype, InferParameters? Parameters = null, Range? Data = null);

/// <summary>A requested output.</summary>
/// <param name="Name">Either <c>probabilities</c> or <c>logits</c>.</param>
/// <param name="Parameters">Parameters of this output.</param>
internal sealed record InferRequestedOutput(string Name, InferParameters? Parameters = null);

/// <summary>The parameters that the service understands. It ignores others.</summary>
/// <param name="BinaryDataOutput">A request's parameter: return all outputs as raw bytes after the JSON.</param>
/// <param name="BinaryDataSize">A tensor's parameter: its bytes after the JSON, instead of <c>data</c>.</param>
/// <param name="BinaryData">An output's parameter: return it as raw bytes after the JSON.</param>
/// <param name="Classification">
/// An output's parameter: return this many most probable digits as <c>value:digit</c> instead of the tensor.
/// </param>
/// <param name="SharedMemoryRegion">Not supported: the service refuses a request that names shared memory.</param>
internal sealed record InferParameters(
    bool? BinaryDataOutput = null, [property: Range(0, int.MaxValue)] long? BinaryDataSize = null,
    bool? BinaryData = null, [property: Range(1, int.MaxValue)] int? Classification = null,
    string? SharedMemoryRegion = null);

/// <summary>The response to an inference request.</summary>
/// <param name="ModelName">The model that answered.</param>
/// <param name="ModelVersion">The version of its weights.</param>
/// <param name="Id">The id of the request, if it has one.</param>
/// <param name="Outputs">The outputs, in the order of the request.</param>
/// <param name="Times">Sent as a header.</param>
internal sealed record InferResponse(
    string ModelName, string ModelVersion, string? Id, IReadOnlyList<InferOutputTensor> Outputs,
    [property: JsonIgnore] StageTimings Times);

/// <summary>One output: a tensor, or texts as in Triton's classification extension.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Datatype">FP32; BYTES with <c>classification</c>.</param>
/// <param name="Shape">[N, 10], or [N, classes] with <c>classification</c>.</param>
/// <param name="Parameters">Number of bytes after the JSON, if the output is binary.</param>
/// <param name="Data">Row by row: numbers, or <c>value:digit</c> texts.</param>
/// <param name="Raw">Replaces the data: FP32 little-endian, or BYTES with a length before each.</param>
internal sealed record InferOutputTensor(
    string Name, string Datatype, IReadOnlyList<int> Shape, InferParameters? Parameters, object? Data,
    [property: JsonIgnore] byte[]? Raw)
{
    /// <param name="requested">Its name is valid.</param>
    /// <param name="images">Computed.</param>
    /// <param name="isRaw">Whether to return raw bytes, unless the output's own parameter says otherwise.</param>
    public static InferOutputTensor Of(InferRequestedOutput requested, InferenceRequest images, bool isRaw)
    {
        float[] values = new float[images.Count * ModelContract.Classes];
        for (int n = 0; n < images.Count; n++)
        {
            (requested.Name == ModelContract.Logits ? images.Logits(n) : images.Probabilities(n))
                .CopyTo(values.AsSpan(n * ModelContract.Classes));
        }

        string[]? texts = requested.Parameters?.Classification is not { } classes ? null
            : [.. values.Chunk(ModelContract.Classes).SelectMany(row => row.Index()
                .OrderByDescending(value => value.Item).Take(classes).Select(value => $"{value.Item}:{value.Index}"))];
        byte[]? raw = !(requested.Parameters?.BinaryData ?? isRaw) ? null
            : texts is null ? MemoryMarshal.AsBytes<float>(values).ToArray()
            : [.. texts.SelectMany(text =>
                (byte[])[.. BitConverter.GetBytes(text.Length), .. Encoding.ASCII.GetBytes(text)])];
        return new InferOutputTensor(
            requested.Name, texts is null ? InferenceProtocol.Fp32 : InferenceProtocol.Bytes,
            [images.Count, (texts?.Length ?? values.Length) / images.Count],
            raw is null ? null : new InferParameters(BinaryDataSize: raw.Length),
            raw is not null ? null : (object?)texts ?? values, raw);
    }
}

/// <summary>
/// Keeps the first entries of a list, so that no request fills the memory. With more than three, none is valid.
/// </summary>
internal sealed class BoundedList<T> : Collection<T>
{
    private const int Max = 8;

    /// <summary>A shape as Python writes it: <c>[1, 28, 28]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", this)}{(Count == Max ? ", …" : "")}]";

    protected override void InsertItem(int index, T item)
    {
        if (Count < Max)
        {
            base.InsertItem(index, item ?? throw new JsonException());
        }
    }
}

/// <summary>Reads and writes names and ids. A huge one does not become a .NET string.</summary>
internal sealed class ShortStringConverter : JsonConverter<string>
{
    /// <summary>An escaped character has 6 bytes.</summary>
    private const int MaxBytes = 6 * Excerpt.MaxLength;

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.ValueSpan.Length <= MaxBytes ? reader.GetString() : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);
}

/// <summary>Finds the data of a tensor, which is read when its datatype and shape are known.</summary>
internal sealed class PositionConverter : JsonConverter<Range>
{
    /// <returns>The range of its bytes in the JSON.</returns>
    public override Range Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    public override void Write(Utf8JsonWriter writer, Range value, JsonSerializerOptions options) =>
        throw new NotSupportedException("A request is read and never written.");
}

/// <summary>Any error under <c>/v2</c>.</summary>
/// <param name="Error">The error, as a sentence.</param>
public sealed record InferenceError(string Error)
{
    /// <summary>Keeps quotation marks readable; browsers never take the body for HTML.</summary>
    private static readonly OpenInferenceJson Json = new(new JsonSerializerOptions(OpenInferenceJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The format of all problems under <see cref="InferenceProtocol.Root"/>.</summary>
    internal static ProblemFormat Format { get; } = new(
        InferenceProtocol.Root, MediaTypeNames.Application.Json,
        problem => JsonSerializer.SerializeToUtf8Bytes(new InferenceError(problem.Detail), Json.InferenceError));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(ShortStringConverter), typeof(PositionConverter)])]
[JsonSerializable(typeof(InferRequest))]
[JsonSerializable(typeof(InferResponse))]
[JsonSerializable(typeof(float[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(InferenceError))]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(ServerLive))]
[JsonSerializable(typeof(ServerReady))]
[JsonSerializable(typeof(ModelMetadata))]
[JsonSerializable(typeof(ModelReady))]
[JsonSerializable(typeof(ModelConfiguration))]
[JsonSerializable(typeof(StatisticsAnswer))]
[JsonSerializable(typeof(IEnumerable<RepositoryModel>))]
internal sealed partial class OpenInferenceJson : JsonSerializerContext;
