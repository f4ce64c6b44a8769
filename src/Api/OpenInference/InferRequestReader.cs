using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.OpenInference;

/// <summary>
/// Reads the body of an inference request over REST. Methods return the problem as a sentence, or null if there is
/// none.
/// </summary>
internal sealed class InferRequestReader(InferInputReader inputs)
{
    private const string Name = InferInputReader.Name;

    private const string NotAnObject = "The request must be a JSON object.";

    /// <summary>Finds out how much of the body is JSON.</summary>
    /// <param name="headers">May have the length of the JSON.</param>
    /// <param name="bodyBytes">The length of the body.</param>
    /// <param name="jsonBytes">The whole body without the header; 0 if the body is one image.</param>
    public static string? FindLengthProblem(IHeaderDictionary headers, int bodyBytes, out int jsonBytes)
    {
        const string Header = InferenceProtocol.JsonLengthHeader;
        string? text = headers[Header];
        bool isNumber = long.TryParse(text, NumberStyles.None, provider: null, out long length);
        jsonBytes = (int)Math.Min(text is null ? bodyBytes : length, bodyBytes);
        return text is null
                ? bodyBytes == 0 ? "The body is empty: send a JSON object." : null
            : !isNumber ? $"The header {Header} must be one number of bytes, not '{Excerpt.Of(text)}'."
            : length > bodyBytes ? $"The header {Header} says {length} bytes, and the body has {bodyBytes}."
            : null;
    }

    /// <param name="inference">Receives the request.</param>
    /// <param name="body">Base64 is decoded in place.</param>
    /// <param name="jsonBytes">The length of the JSON; 0 if the body is one image.</param>
    public string? Read(InferContext inference, Memory<byte> body, int jsonBytes)
    {
        if (jsonBytes == 0)
        {
            inference.BinaryOutputs = true;
            return ReadImage(inference, body);
        }

        Memory<byte> json = body[JsonText.CountMarkBytes(body.Span[..jsonBytes])..jsonBytes];
        if (Parse(json.Span, out InferRequest? request) is { } problem)
        {
            return problem;
        }

        bool isRaw = request!.Parameters?.BinaryDataOutput ?? false;
        return inference.Accept(request.Id, isRaw, request.Outputs ?? [], request.Inputs?.Count ?? 0)
            ?? ReadInput(inference, request.Inputs![0], json, body[jsonBytes..]);
    }

    /// <summary>A body without JSON: an image file, or [28, 28] FP32.</summary>
    private string? ReadImage(InferContext inference, ReadOnlyMemory<byte> body) =>
        ImageFormats.Recognize(body.Span) != ImageFormat.Unknown
            ? inputs.ReadPictures(inference, [new RequestPicture(body)])
        : body.Length == InferInputReader.ImageBytes ? InferInputReader.ReadRows(inference, body.Span)
        : $"A body without JSON is one image: {InferInputReader.ImageBytes} bytes of {InferenceProtocol.Fp32}, "
            + $"or an image file; not {body.Length} bytes of something else.";

    private string? ReadInput(
        InferContext inference, InferInputTensor? input, Memory<byte> json, ReadOnlyMemory<byte> raw)
    {
        if (input is not { Name: { } name, Shape: { } shape, Datatype: { } datatype })
        {
            return "Each input must be an object with 'name', 'shape' and 'datatype'.";
        }

        long? size = input.Parameters?.BinaryDataSize;
        bool isShared = input.Parameters?.SharedMemoryRegion is not null;
        return inputs.FindProblem(
            name, datatype, shape, isShared, ("data", input.Data is not null), ("binary_data_size", size))
            ?? (raw.Length != (size ?? 0)
                    ? $"{raw.Length} bytes follow the JSON, and the 'binary_data_size' of the {Name} is "
                        + $"{(object?)size ?? "absent"} "
                        + $"({InferenceProtocol.JsonLengthHeader} says where the JSON ends)."
                : input.Data is null ? inputs.ReadRaw(inference, datatype, raw, shape[0])
                : datatype == InferenceProtocol.Bytes ? ReadBase64(inference, json[input.Data.Position], shape)
                : ReadNumbers(inference, json[input.Data.Position].Span, shape));
    }

    private static string? ReadNumbers(InferContext inference, ReadOnlySpan<byte> data, BoundedList<long> shape)
    {
        // A number and its comma are 2 bytes: a small request gets no room for a large shape.
        long images = Math.Min(shape[0], (data.Length / (2 * RowSequence.Length)) + 1);
        inference.Rows = InferenceRequest.Rent((int)images);
        return TensorData.Read(data, shape, inference.Rows.AllRows, []) ?? InferInputReader.CheckRows(inference.Rows);
    }

    private string? ReadBase64(InferContext inference, Memory<byte> data, BoundedList<long> shape)
    {
        var strings = new JsonString[shape[0]];
        var files = new RequestPicture[strings.Length];
        string? problem = TensorData.Read(data.Span, shape, [], strings);
        for (int n = 0; n < files.Length && problem is null; n++)
        {
            if (strings[n].DecodeBase64(data.Span) is not { } file)
            {
                return $"Element {n} of {Name} is not base64.";
            }

            files[n] = new RequestPicture(data[file]);
        }

        return problem ?? inputs.ReadPictures(inference, files);
    }

    private static string? Parse(ReadOnlySpan<byte> text, out InferRequest? request)
    {
        request = null;
        if (!Utf8.IsValid(text))
        {
            return ImageFormats.Recognize(text) is not ImageFormat.Unknown and var format
                ? $"The body is a {(format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant())} "
                    + $"picture, not JSON. Send it with the header {InferenceProtocol.JsonLengthHeader}: 0."
                : "The JSON is not valid UTF-8. If binary data follows it, "
                    + $"{InferenceProtocol.JsonLengthHeader} must say after how many bytes.";
        }

        text = JsonLiterals.CutAfterInvalid(text);
        try
        {
            request = JsonSerializer.Deserialize(text, InferRequestJson.Default.InferRequest);
            return request is null ? NotAnObject : null;
        }
        catch (InferRequestException e)
        {
            return e.Message;
        }
        catch (JsonException e)
        {
            return (e.InnerException is null ? null : JsonText.FindProblem(text)) ?? Describe(e);
        }
    }

    /// <summary>Describes a wrong value in well-formed JSON.</summary>
    private static string Describe(JsonException error)
    {
        if (error.Path is not { Length: > 2 } path)
        {
            return NotAnObject;
        }

        path = path[2..];
        return error.Message.StartsWith("Duplicate", StringComparison.Ordinal)
            ? $"The property '{path}' is given twice."
            : $"'{path}' must be {Expected(path[(path.LastIndexOf('.') + 1)..])}.";
    }

    /// <summary>The expected type of a value, by the last name in its path.</summary>
    private static string Expected(string name) => name switch
    {
        "inputs" or "outputs" => "an array",
        "shape" => "an array of whole numbers, the lengths of the dimensions",
        ['s', .., ']'] => "a whole number, the length of a dimension",
        "parameters" or [.., ']'] => "an object",
        "binary_data_size" => "a number of bytes",
        "binary_data" or "binary_data_output" => "true or false",
        "classification" => "a number of classes, 1 or more",
        _ => "a string",
    };
}
