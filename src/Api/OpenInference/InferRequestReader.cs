using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>Reads the body of an inference request over REST. Methods return the problem, or null.</summary>
internal static class InferRequestReader
{
    private const string Name = InferContext.Name;
    private const string LengthHeader = InferenceProtocol.JsonLengthHeader;

    /// <summary>Finds out how much of the body is JSON.</summary>
    /// <param name="request">Its header may have the length of the JSON.</param>
    /// <param name="bodyBytes">The length of the body.</param>
    /// <param name="jsonBytes">The whole body without the header; 0 if the body is one image.</param>
    public static Problem? FindJsonLength(HttpRequest request, int bodyBytes, out int jsonBytes)
    {
        string? text = request.Headers[LengthHeader];
        jsonBytes = bodyBytes;
        return text is null
                ? bodyBytes > 0 ? null : new(ProblemType.BadInference, "The body is empty: send a JSON object.")
            : int.TryParse(text, NumberStyles.None, provider: null, out jsonBytes) && jsonBytes <= bodyBytes ? null
            : new(
                ProblemType.BadInference, $"The header {LengthHeader} must be one number of bytes, at most the "
                + $"{bodyBytes} of the body, not '{Excerpt.Of(text)}'.");
    }

    /// <param name="inference">Receives the request.</param>
    /// <param name="body">Base64 is decoded in place.</param>
    /// <param name="jsonBytes">The length of the JSON; 0 if the body is one image.</param>
    public static string? Read(InferContext inference, Memory<byte> body, int jsonBytes)
    {
        if (jsonBytes == 0)
        {
            return ReadImage(inference, body);
        }

        Memory<byte> json = body[JsonText.CountMarkBytes(body.Span[..jsonBytes])..jsonBytes];
        return Parse(json.Span, out InferRequest? request)
            ?? inference.Read(request!)
            ?? ReadInput(inference, json, body[jsonBytes..]);
    }

    /// <summary>A body without JSON: an image file, or [28, 28] FP32. The outputs are raw too.</summary>
    private static string? ReadImage(InferContext inference, ReadOnlyMemory<byte> body)
    {
        bool isFile = ImageFormats.Recognize(body.Span) != ImageFormat.Unknown;
        InferInputTensor input = isFile
            ? new(ModelContract.Input, [1], InferenceProtocol.Bytes)
            : new(ModelContract.Input, [1, RowSequence.TimeSteps, RowSequence.Features], InferenceProtocol.Fp32);
        var request = new InferRequest([input], Parameters: new InferParameters(BinaryDataOutput: true));
        return inference.Read(request)
            ?? (isFile ? inference.ReadPictures([new RequestPicture(body)])
                : body.Length == InferContext.ImageBytes ? inference.ReadRows(body.Span)
                : $"A body without JSON is one image: {InferContext.ImageBytes} bytes of {InferenceProtocol.Fp32}, "
                    + $"or an image file; not {body.Length} bytes of something else.");
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
            request = JsonSerializer.Deserialize(text, InferRequestJson.Default.InferRequest);
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
        path = path.EndsWith(']') ? path[..path.LastIndexOf('[')] : path;
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
        return path is "$" ? "The request must be a JSON object with 'inputs'." : $"'{path[2..]}' must be {expected}.";
    }

    private static string? ReadInput(InferContext inference, Memory<byte> json, ReadOnlyMemory<byte> raw)
    {
        TensorData? data = inference.Input.Data;
        long? size = inference.Input.Parameters?.BinaryDataSize;
        return data is null == size is null
                ? $"The {Name} must have its values in either 'data' or 'binary_data_size'."
            : raw.Length != (size ?? 0)
                ? $"{raw.Length} bytes follow the JSON, and the 'binary_data_size' of the {Name} is "
                    + $"{(object?)size ?? "absent"} ({LengthHeader} says where the JSON ends)."
            : data is null ? inference.ReadRaw(raw)
            : data.Read(inference, json);
    }
}
