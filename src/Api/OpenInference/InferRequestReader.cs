using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Microsoft.Extensions.Primitives;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.OpenInference;

/// <summary>Reads the body of a request for inference over REST. Problems are sentences.</summary>
internal sealed partial class InferRequestReader(InferInputReader inputs, ServiceOptions options)
{
    private const string Name = InferInputReader.Name;

    private const string NotAnObject = "The request must be a JSON object.";

    private readonly OpenInferenceJson _json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowDuplicateProperties = false,
        Converters = { new TensorData.Converter(options.MaxInferImages), new ShortText() },
    });

    /// <summary>Finds out how much of the body is JSON.</summary>
    /// <param name="headers">One of them may say it.</param>
    /// <param name="bodyBytes">The whole body.</param>
    /// <param name="jsonBytes">All of it without the header; 0: the body is one raw tensor.</param>
    public static string? FindLengthProblem(IHeaderDictionary headers, int bodyBytes, out int jsonBytes)
    {
        jsonBytes = bodyBytes;
        if (!headers.TryGetValue(InferenceProtocol.HeaderLength, out StringValues values))
        {
            return bodyBytes == 0 ? "The body is empty: send a JSON object." : null;
        }

        if (values is not [{ } value]
            || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long length))
        {
            return $"The header {InferenceProtocol.HeaderLength} must be one number of bytes, not "
                + $"'{Excerpt.Of(values)}'.";
        }

        jsonBytes = (int)Math.Min(length, bodyBytes);
        return length <= bodyBytes
            ? null
            : $"The header {InferenceProtocol.HeaderLength} says {length} bytes, and the body has {bodyBytes}.";
    }

    /// <param name="call">Receives the images and what the JSON asks for.</param>
    /// <param name="body">The whole body; base64 in it is decoded in place.</param>
    /// <param name="jsonBytes">Its first bytes that are JSON; 0 where it is one image alone.</param>
    public string? Read(InferCall call, Memory<byte> body, int jsonBytes)
    {
        if (jsonBytes == 0)
        {
            call.BinaryOutputs = true;
            return ReadImage(call, body);
        }

        Memory<byte> json = body[JsonText.CountMarkBytes(body.Span[..jsonBytes])..jsonBytes];
        ReadOnlyMemory<byte> raw = body[jsonBytes..];
        InferRequest? request = Parse(json.Span, out string? problem);
        InferInputTensor? input = request?.Inputs?.FirstOrDefault();
        using TensorData? data = input?.Data;
        return problem
            ?? ReadOutputs(call, request!)
            ?? InferInputReader.FindProblem(request!.Inputs?.Count ?? 0)
            ?? FindProblem(input, raw.Length)
            ?? (data is null ? inputs.ReadRaw(call, input!.Datatype!, raw, input.Shape![0])
                : input!.Datatype == InferenceProtocol.Bytes ? DecodeBase64(call, data.Strings, json)
                : InferInputReader.ReadRows(call, MemoryMarshal.AsBytes(data.Values)));
    }

    /// <summary>A body without JSON: an image file, or [28, 28] FP32.</summary>
    private string? ReadImage(InferCall call, ReadOnlyMemory<byte> body) =>
        ImageFormats.Recognize(body.Span) != ImageFormat.Unknown ? inputs.ReadPictures(call, [new RequestPicture(body)])
        : body.Length == InferInputReader.ImageBytes ? InferInputReader.ReadRows(call, body.Span)
        : $"A body without JSON is one image: {InferInputReader.ImageBytes} bytes of {InferenceProtocol.Fp32}, "
            + $"or an image file; not {body.Length} bytes of something else.";

    private string? DecodeBase64(InferCall call, List<JsonString> elements, Memory<byte> json)
    {
        var files = new RequestPicture[elements.Count];
        for (int n = 0; n < files.Length; n++)
        {
            if (elements[n].DecodeBase64(json.Span) is not { } file)
            {
                return $"Element {n} of {Name} is not base64.";
            }

            files[n] = new RequestPicture(json[file]);
        }

        return inputs.ReadPictures(call, files);
    }

    private static string? ReadOutputs(InferCall call, InferRequest request)
    {
        call.Id = request.Id;
        call.BinaryOutputs = request.Parameters?.BinaryDataOutput ?? false;
        string? problem = null;
        foreach (InferRequestedOutput? output in request.Outputs ?? [])
        {
            problem ??= output?.Name is null
                ? "Each output must be an object with a 'name'."
                : call.Add(
                    new RequestedOutput(output.Name, output.Parameters?.BinaryData, output.Parameters?.Classification));
        }

        return problem;
    }

    /// <param name="input">The one that there is.</param>
    /// <param name="rawBytes">Bytes that follow the JSON.</param>
    private string? FindProblem(InferInputTensor? input, int rawBytes)
    {
        if (input is not { Name: { } name, Shape: { } shape, Datatype: { } datatype })
        {
            return "Each input must be an object with 'name', 'shape' and 'datatype'.";
        }

        TensorData? data = input.Data;
        long? size = input.Parameters?.BinaryDataSize;
        bool isShared = input.Parameters?.SharedMemoryRegion is not null;
        bool isBytes = datatype == InferenceProtocol.Bytes;
        int count = (isBytes ? data?.Strings.Count : data?.Values.Length) ?? 0;
        return inputs.FindProblem(
            name, datatype, shape, isShared, ("data", data is not null), ("binary_data_size", size))
            ?? (data is null
                    ? size == rawBytes ? null
                        : $"The inputs have {size} bytes of binary data by their 'binary_data_size', and {rawBytes} "
                        + $"follow the JSON "
                            + $"({InferenceProtocol.HeaderLength} says where it ends)."
                : rawBytes > 0 ? $"{rawBytes} bytes follow the JSON, and no input has a 'binary_data_size'."
                : count == 0 && data.Strings.Count + data.Values.Length > 0
                    ? $"The {Name} of datatype {datatype} takes "
                        + (isBytes ? "strings, image files in base64, not numbers." : "numbers, not strings.")
                : InferInputReader.FindCountProblem(datatype, shape, count) is { } problem ? problem
                : data.IsNestedAs(shape) ? null
                : $"The data of {Name} must be flat, or nested as its shape {InferInputReader.Text(shape)} says.");
    }

    /// <returns>Null where there is a problem.</returns>
    private InferRequest? Parse(ReadOnlySpan<byte> text, out string? problem)
    {
        problem = null;
        if (!Utf8.IsValid(text))
        {
            problem = ImageFormats.Recognize(text) is not ImageFormat.Unknown and var format
                ? $"The body is a {(format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant())} "
                    + $"picture, not JSON. Send it with the header {InferenceProtocol.HeaderLength}: 0."
                : $"The JSON is not valid UTF-8. If binary data follows it, {InferenceProtocol.HeaderLength} must say "
                + $"after how many bytes.";
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
        return error.Message.StartsWith("Duplicate", StringComparison.Ordinal)
            ? $"The property '{path}' is given twice."
            : $"'{path}' must be {Expected(Index().Replace(path[(path.LastIndexOf('.') + 1)..], "[]"))}.";
    }

    /// <summary>The type that a value must have, by the last name in its path.</summary>
    private static string Expected(string name) => name switch
    {
        "inputs" or "outputs" => "an array",
        "inputs[]" or "outputs[]" or "parameters" => "an object",
        "shape" => "an array of whole numbers, the lengths of the dimensions",
        "shape[]" => "a whole number, the length of a dimension",
        "binary_data_size" => "a number of bytes",
        "binary_data" or "binary_data_output" => "true or false",
        "classification" => "a number of classes, 1 or more",
        _ => "a string",
    };

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
            return reader.ValueSpan.Length <= 6 * Excerpt.MaxLength
                && reader.GetString() is { Length: <= Excerpt.MaxLength } text
                ? text
                : throw new InferRequestException(InferInputReader.TooLong(Excerpt.Of(reader)));
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            throw new NotSupportedException("A request is read and never written.");
    }
}

/// <summary>The message is a sentence for the client.</summary>
internal sealed class InferRequestException(string sentence) : JsonException(sentence);
