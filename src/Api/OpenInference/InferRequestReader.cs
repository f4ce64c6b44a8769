using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.OpenInference;

/// <summary>Reads the JSON of a request for inference, and says in a sentence what is wrong with it.</summary>
internal sealed partial class InferRequestReader(InferInputReader inputs, ServiceOptions options)
{
    private const string Name = InferInput.Name;

    private const string NotAnObject = "The request must be a JSON object.";

    /// <summary>By the last name in the path of a value, what the value must be.</summary>
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["id"] = "a string",
        ["name"] = "a string",
        ["datatype"] = "a string",
        ["shared_memory_region"] = "a string",
        ["inputs"] = "an array",
        ["outputs"] = "an array",
        ["inputs[]"] = "an object",
        ["outputs[]"] = "an object",
        ["parameters"] = "an object",
        ["shape"] = "an array of whole numbers, the lengths of the dimensions",
        ["shape[]"] = "a whole number, the length of a dimension",
        ["binary_data_size"] = "a number of bytes",
        ["binary_data"] = "true or false",
        ["binary_data_output"] = "true or false",
        ["classification"] = "a number of classes, 1 or more",
    };

    private readonly OpenInferenceJson _json = new(new JsonSerializerOptions
    {
        AllowDuplicateProperties = false,
        Converters = { new TensorData.Converter(options.MaxInferImages), new ShortText() },
    });

    /// <param name="body">The whole body; base64 in it is decoded in place.</param>
    /// <param name="jsonBytes">Its first bytes that are JSON; 0 where it is one image alone.</param>
    /// <param name="call">Receives what the JSON asks for.</param>
    public InferInput Read(Memory<byte> body, int jsonBytes, InferCall call)
    {
        if (jsonBytes == 0)
        {
            call.BinaryOutputs = true;
            return ReadImage(body);
        }

        Memory<byte> json = body[JsonText.CountMarkBytes(body.Span[..jsonBytes])..jsonBytes];
        ReadOnlyMemory<byte> raw = body[jsonBytes..];
        InferRequest? request = Parse(json.Span, out string? problem);
        InferInputTensor? input = request?.Inputs?.FirstOrDefault();
        using TensorData? data = input?.Data;
        problem ??= ReadOutputs(request!, call) ?? FindInputProblem(request!, input, raw.Length);
        if (problem is not null)
        {
            return InferInput.Refuse(problem);
        }

        int count = (int)input!.Shape![0];
        return data is null ? inputs.ReadRaw(input.Datatype!, raw, count)
            : input.Datatype == InferenceProtocol.Bytes ? DecodeBase64(data.Strings, json)
            : InferInputReader.ReadRows(MemoryMarshal.AsBytes(data.Values), count);
    }

    /// <summary>A body without JSON: an image file, or [28, 28] FP32.</summary>
    private InferInput ReadImage(ReadOnlyMemory<byte> body) =>
        ImageFormats.Recognize(body.Span) != ImageFormat.Unknown ? inputs.ReadPictures([new RequestPicture(body)])
        : body.Length == InferInputReader.ImageBytes ? InferInputReader.ReadRows(body.Span, count: 1)
        : InferInput.Refuse(
            $"A body without JSON is one image: {InferInputReader.ImageBytes} bytes of {InferenceProtocol.Fp32}, "
            + $"or an image file; not {body.Length} bytes of something else.");

    private InferInput DecodeBase64(List<JsonString> elements, Memory<byte> json)
    {
        var files = new RequestPicture[elements.Count];
        for (int n = 0; n < files.Length; n++)
        {
            if (elements[n].DecodeBase64(json.Span) is not { } file)
            {
                return InferInput.Refuse($"Element {n} of {Name} is not base64.");
            }

            files[n] = new RequestPicture(json[file]);
        }

        return inputs.ReadPictures(files);
    }

    private static string? ReadOutputs(InferRequest request, InferCall call)
    {
        call.Id = request.Id;
        call.BinaryOutputs = request.Parameters?.BinaryOutputs ?? false;
        string? problem = null;
        foreach (InferRequestedOutput? output in request.Outputs ?? [])
        {
            problem ??= output?.Name is null
                ? "Each output must be an object with a 'name'."
                : call.Add(new RequestedOutput(output.Name, output.Parameters?.Binary, output.Parameters?.Classes));
        }

        return problem;
    }

    /// <param name="request">Has the input.</param>
    /// <param name="input">Null where there is none.</param>
    /// <param name="rawBytes">Bytes that follow the JSON.</param>
    private string? FindInputProblem(InferRequest request, InferInputTensor? input, int rawBytes)
    {
        if (InferInputReader.FindProblem(request.Inputs?.Count ?? 0) is { } wrongNumber)
        {
            return wrongNumber;
        }

        if (input is not { Name: { } name, Shape: { } shape, Datatype: { } datatype })
        {
            return "Each input must be an object with 'name', 'shape' and 'datatype'.";
        }

        long? size = input.Parameters?.BinarySize;
        return inputs.FindProblem(name, datatype, shape)
            ?? (input.Parameters?.SharedMemory is not null
                    ? InferInputReader.NoSharedMemory
                : size < 0 ? $"'binary_data_size' must be a number of bytes, not {size}."
                : (input.Data, size) switch
                {
                    (null, null) => $"The {Name} has neither 'data' nor 'binary_data_size'.",
                    (null, { } bytes) => FindRawProblem(datatype, shape, bytes, rawBytes),
                    (_, not null) => $"The {Name} has both 'data' and 'binary_data_size': give one of them.",
                    (_, null) when rawBytes > 0 =>
                        $"{rawBytes} bytes follow the JSON, and no input has a 'binary_data_size'.",
                    ({ } data, null) => FindDataProblem(data, datatype, shape),
                });
    }

    private static string? FindRawProblem(string datatype, IReadOnlyList<long> shape, long size, int rawBytes) =>
        InferInputReader.FindSizeProblem(datatype, shape, size, "a 'binary_data_size' of")
        ?? (size == rawBytes ? null : $"The inputs have {size} bytes of binary data by their 'binary_data_size', and "
            + $"{rawBytes} follow the JSON ({InferenceProtocol.HeaderLength} says where it ends).");

    private static string? FindDataProblem(TensorData data, string datatype, IReadOnlyList<long> shape)
    {
        bool isBytes = datatype == InferenceProtocol.Bytes;
        int found = isBytes ? data.Strings.Count : data.Values.Length;
        return found == 0 && data.Strings.Count + data.Values.Length > 0
            ? $"The {Name} of datatype {datatype} takes "
                + (isBytes ? "strings, image files in base64, not numbers." : "numbers, not strings.")
            : InferInputReader.FindCountProblem(datatype, shape, found) ?? (data.IsNestedAs(shape) ? null
                : $"The data of {Name} must be flat, or nested as its shape {InferInputReader.Text(shape)} says.");
    }

    /// <returns>Null where there is a problem.</returns>
    private InferRequest? Parse(ReadOnlySpan<byte> text, out string? problem)
    {
        problem = null;
        if (!Utf8.IsValid(text))
        {
            problem = ImageFormats.Recognize(text) is not ImageFormat.Unknown and var format
                ? $"The body is a {FormatName(format)} picture, not JSON. "
                    + $"Send it with the header {InferenceProtocol.HeaderLength}: 0."
                : "The JSON is not valid UTF-8. "
                    + $"If binary data follows it, {InferenceProtocol.HeaderLength} must say after how many bytes.";
            return null;
        }

        text = JsonLiterals.CutAfterInvalid(text);
        try
        {
            InferRequest? request = JsonSerializer.Deserialize(text, _json.InferRequest);
            problem = request is null ? NotAnObject : null;
            return request;
        }
        catch (InferRequestException e)
        {
            problem = e.Message;
        }
        catch (JsonException e)
        {
            problem = (e.InnerException is null ? null : JsonText.FindProblem(text)) ?? Describe(e);
        }

        return null;
    }

    /// <summary>Says what is wrong with a value of JSON that is well-formed.</summary>
    private static string Describe(JsonException error)
    {
        if (error.Path is not { Length: > 2 } path)
        {
            return NotAnObject;
        }

        path = path[2..];
        string name = Index().Replace(path[(path.LastIndexOf('.') + 1)..], "[]");
        return error.Message.StartsWith("Duplicate", StringComparison.Ordinal)
            ? $"The property '{path}' is given twice."
            : $"'{path}' must be {Expected[name]}.";
    }

    private static string FormatName(ImageFormat format) =>
        format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();

    /// <summary>Names and the id: a huge text is not turned into a .NET string.</summary>
    private sealed class ShortText : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new JsonException();
            }

            // As an escape, a character has 6 bytes.
            return reader.ValueSpan.Length <= 6 * Excerpt.MaxLength && reader.GetString() is { Length: <= Excerpt.MaxLength } text
                ? text
                : throw new InferRequestException(
                    $"A name or an id may have {Excerpt.MaxLength} characters, and '{Excerpt.Of(reader)}' has more.");
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value);
    }
}

/// <summary>The message is a sentence for the client.</summary>
internal sealed class InferRequestException(string sentence) : JsonException(sentence);
