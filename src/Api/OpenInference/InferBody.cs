using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>The body of an inference request over REST. Methods that read return the problem, or null.</summary>
/// <param name="bytes">The whole body. Base64 is decoded in place.</param>
/// <param name="jsonLength">The header with the length of the JSON; null if there is none.</param>
internal sealed class InferBody(Memory<byte> bytes, string? jsonLength)
{
    private const string Name = InferContext.Name;
    private const string LengthHeader = InferenceProtocol.JsonLengthHeader;

    /// <summary>Values of an array in nested data, by its depth: the innermost is a row.</summary>
    private static ReadOnlySpan<int> NestedLengths => [0, RowSequence.Length, RowSequence.Features];

    /// <summary>The whole body without the header; 0 if the body is one image; null if the header is invalid.</summary>
    public int? JsonBytes =>
        jsonLength is null ? bytes.Length
        : int.TryParse(jsonLength, NumberStyles.None, provider: null, out int length) && length <= bytes.Length ? length
        : null;

    public string? Read(InferContext inference) => JsonBytes switch
    {
        null => $"The header {LengthHeader} must be one number of bytes, at most the {bytes.Length} of the body, not "
            + $"'{Excerpt.Of(jsonLength)}'.",
        0 when jsonLength is null => "The body is empty: send a JSON object.",
        0 => ReadImage(inference),
        { } jsonBytes => ReadJson(
            inference, bytes[JsonText.CountMarkBytes(bytes.Span[..jsonBytes])..jsonBytes], bytes[jsonBytes..]),
    };

    /// <summary>A body without JSON: an image file, or [28, 28] FP32. The outputs are raw too.</summary>
    private string? ReadImage(InferContext inference)
    {
        const int Fp32Bytes = RowSequence.Length * sizeof(float);
        bool isFile = ImageFormats.Recognize(bytes.Span) != ImageFormat.Unknown;
        InferInputTensor input = isFile
            ? new(ModelContract.Input, [1], InferenceProtocol.Bytes)
            : new(ModelContract.Input, [1, RowSequence.TimeSteps, RowSequence.Features], InferenceProtocol.Fp32);
        return inference.Read(new InferRequest([input], Parameters: new InferParameters(BinaryDataOutput: true)))
            ?? (isFile ? inference.ReadPictures([new RequestPicture(bytes)])
                : bytes.Length == Fp32Bytes ? inference.ReadRows(bytes.Span)
                : $"A body without JSON is one image: {Fp32Bytes} bytes of {InferenceProtocol.Fp32}, "
                    + $"or an image file; not {bytes.Length} bytes of something else.");
    }

    private static string? ReadJson(InferContext inference, Memory<byte> json, ReadOnlyMemory<byte> raw)
    {
        if ((Parse(json.Span, out InferRequest? request) ?? inference.Read(request!)) is { } problem)
        {
            return problem;
        }

        Range? data = inference.Input.Data;
        long? size = inference.Input.Parameters?.BinaryDataSize;
        return data is null == size is null
                ? $"The {Name} must have its values in either 'data' or 'binary_data_size'."
            : raw.Length != (size ?? 0)
                ? $"{raw.Length} bytes follow the JSON, but the 'binary_data_size' of the {Name} is "
                    + $"{(object?)size ?? "absent"} ({LengthHeader} says where the JSON ends)."
            : data is null ? inference.ReadRaw(raw)
            : ReadData(inference, json[data.Value]);
    }

    private static string? Parse(ReadOnlySpan<byte> text, out InferRequest? request)
    {
        request = null;
        if (!Utf8.IsValid(text))
        {
            return ImageFormats.Recognize(text) != ImageFormat.Unknown
                ? $"The body is a picture, not JSON. Send it with the header {LengthHeader}: 0."
                : $"The JSON is not valid UTF-8. If binary data follows it, {LengthHeader} must say after how many "
                    + "bytes.";
        }

        text = JsonLiterals.CutAfterInvalid(text);
        try
        {
            request = JsonSerializer.Deserialize(text, OpenInferenceJson.Default.InferRequest);
            return request is null ? Describe("$") : null;
        }
        catch (JsonException e)
        {
            return (e.InnerException is null ? null : JsonText.FindProblem(text))
                ?? (e.Message.StartsWith("Duplicate", StringComparison.Ordinal)
                    ? $"The property '{e.Path![2..]}' is given twice."
                    : Describe(e.Path!));
        }
    }

    /// <summary>Describes a wrong value in well-formed JSON by its path, such as <c>$.inputs[0].name</c>.</summary>
    private static string Describe(string path)
    {
        int end = path.EndsWith(']') ? path.LastIndexOf('[') : path.Length;
        (path, string entry) = (path[..end], path[end..]);
        string expected = path[(path.LastIndexOf('.') + 1)..] switch
        {
            "inputs" => "an array of objects with 'name', 'shape' and 'datatype'",
            "outputs" => "an array of objects with a 'name'",
            "shape" => "an array of whole numbers, the lengths of the dimensions",
            "parameters" => "an object",
            "binary_data_size" => "a number of bytes",
            "binary_data" or "binary_data_output" => "true or false",
            "classification" => "a number of classes, 1 or more",
            _ => $"a string of at most {Excerpt.MaxLength} characters",
        };
        return path is "$" ? "The request must be a JSON object with 'inputs'."
            : $"'{path[2..]}' must be {expected}{(entry is "" ? "" : $"; entry {entry} is wrong")}.";
    }

    /// <summary>Reads the values in JSON: numbers of FP32 rows, or image files of BYTES in base64.</summary>
    /// <param name="data">Row-major, flat or nested. Base64 is decoded in place.</param>
    private static string? ReadData(InferContext inference, Memory<byte> data)
    {
        BoundedList<long> shape = inference.Input.Shape;
        bool isFp32 = inference.Input.Datatype == InferenceProtocol.Fp32;

        // A number and its comma are 2 bytes: a small request gets no room for a large shape.
        inference.Rows = isFp32
            ? InferenceRequest.Rent((int)Math.Min(shape[0], (data.Length / (2 * RowSequence.Length)) + 1))
            : null;
        Span<float> numbers = inference.Rows is { } rows ? rows.AllRows : [];
        RequestPicture[] files = isFp32 ? [] : new RequestPicture[shape[0]];
        Span<int> starts = stackalloc int[JsonText.MaxDepth];
        bool isEven = true;
        int entryDepth = 0;
        int count = 0;
        var json = new Utf8JsonReader(data.Span);
        while (json.Read())
        {
            int depth = json.CurrentDepth;
            if (json.TokenType == JsonTokenType.StartArray)
            {
                starts[depth] = count;
                continue;
            }

            if (json.TokenType == JsonTokenType.EndArray)
            {
                isEven &= depth == 0
                    || (depth < NestedLengths.Length && count - starts[depth] == NestedLengths[depth]);
                continue;
            }

            if (json.TokenType != (isFp32 ? JsonTokenType.Number : JsonTokenType.String)
                || (count < numbers.Length && !json.TryGetSingle(out numbers[count])))
            {
                return $"Entry {count} of the data of {Name} is not "
                    + (isFp32 ? "an FP32 number." : "a string: BYTES are image files in base64.");
            }

            if (count < files.Length)
            {
                if (JsonString.At(json).DecodeBase64(data.Span, out Range file) is not null)
                {
                    return $"Element {count} of {Name} is not base64.";
                }

                files[count] = new RequestPicture(data[file]);
            }

            entryDepth = count == 0 ? depth : entryDepth;
            isEven &= depth == entryDepth && (depth == 1 || depth == shape.Count);
            count++;
        }

        return !isEven ? $"The data of {Name} must be an array, flat or nested as its shape {shape} says."
            : inference.FindCountProblem(count) ?? (isFp32 ? inference.CheckRows() : inference.ReadPictures(files));
    }
}
