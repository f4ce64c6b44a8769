using System.Text.Json;
using System.Text.Unicode;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>
/// Reads the JSON of a request for inference, in one pass and whatever the order of its properties. An optional
/// property may be null, as serializers write those that are not set.
/// </summary>
internal static class InferCallReader
{
    /// <summary>
    /// In UTF-16 code units. The id comes back in the answer; most clients send a UUID, which has 36.
    /// </summary>
    private const int MaxIdLength = Excerpt.MaxLength;

    /// <param name="text">The JSON alone.</param>
    /// <param name="call">Receives what is read.</param>
    /// <param name="maxImages">N at most.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public static string? Read(ReadOnlySpan<byte> text, InferCall call, int maxImages)
    {
        if (!Utf8.IsValid(text))
        {
            return ImageFormats.Recognize(text) is not ImageFormat.Unknown and var format
                ? $"The body is a {Name(format)} picture, not JSON. "
                    + $"Send it with the header {InferenceProtocol.HeaderLength}: 0."
                : "The JSON is not valid UTF-8. "
                    + $"If binary data follows it, {InferenceProtocol.HeaderLength} is to say after how many bytes.";
        }

        var json = new Utf8JsonReader(JsonLiterals.CutAfterInvalid(text));
        try
        {
            return ReadCall(ref json, call, maxImages);
        }
        catch (JsonException e)
        {
            return JsonText.Describe(e, json, text);
        }
        catch (InvalidOperationException)
        {
            return JsonText.BadEscape;
        }
    }

    private static string Name(ImageFormat format) =>
        format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    private static string? ReadCall(ref Utf8JsonReader json, InferCall call, int maxImages)
    {
        if (!json.NextIs(JsonTokenType.StartObject))
        {
            return "The request is to be a JSON object.";
        }

        InferProperties seen = InferProperties.None;
        while (json.NextProperty())
        {
            string? problem =
                json.ValueTextEquals("id"u8) ? seen.Once(InferProperties.Id) ?? ReadId(ref json, call)
                : json.ValueTextEquals("parameters"u8) ? seen.Once(InferProperties.Parameters) ?? ReadParameters(ref json, call)
                : json.ValueTextEquals("inputs"u8) ? seen.Once(InferProperties.Inputs) ?? ReadInputs(ref json, call, maxImages)
                : json.ValueTextEquals("outputs"u8) ? seen.Once(InferProperties.Outputs) ?? ReadOutputs(ref json, call)
                : json.Ignore();
            if (problem is not null)
            {
                return problem;
            }
        }

        // Throws where anything but white space follows.
        json.Read();
        return call.Input is null ? $"The request has no input '{ModelContract.Input}'." : null;
    }

    private static string? ReadId(ref Utf8JsonReader json, InferCall call)
    {
        if (!json.NextIs(JsonTokenType.String))
        {
            return json.TokenType == JsonTokenType.Null ? null : "The 'id' is to be a string.";
        }

        // As an escape, a character has 6 bytes.
        if (json.ValueSpan.Length > 6 * MaxIdLength || json.GetString() is not { Length: <= MaxIdLength } id)
        {
            return $"The 'id' may have {MaxIdLength} characters, and '{Excerpt.Of(json)}' has more.";
        }

        call.Id = id;
        return null;
    }

    private static string? ReadParameters(ref Utf8JsonReader json, InferCall call)
    {
        var parameters = default(InferParameters);
        string? problem = parameters.Read(ref json);
        call.BinaryOutputs = parameters.BinaryOutputs ?? false;
        return problem;
    }

    private static string? ReadInputs(ref Utf8JsonReader json, InferCall call, int maxImages)
    {
        if (!json.NextIs(JsonTokenType.StartArray))
        {
            return "The 'inputs' are to be an array.";
        }

        while (json.NextEntry())
        {
            if (call.Input is not null)
            {
                return $"The request has several inputs, and the model has one, '{ModelContract.Input}'.";
            }

            call.Input = new InputTensor();
            if (InputReader.Read(ref json, call.Input, maxImages) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? ReadOutputs(ref Utf8JsonReader json, InferCall call)
    {
        if (!json.NextIs(JsonTokenType.StartArray))
        {
            return json.TokenType == JsonTokenType.Null ? null : "The 'outputs' are to be an array.";
        }

        while (json.NextEntry())
        {
            string? problem = OutputReader.Read(ref json, out RequestedOutput output);
            if (problem is not null)
            {
                return problem;
            }

            if (!call.TryAdd(output))
            {
                return $"The output '{output.Name}' is asked for twice.";
            }
        }

        return null;
    }
}
