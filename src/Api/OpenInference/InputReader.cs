using System.Text.Json;
using MnistLstm.Api.Problems;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>Reads one entry of a request's <c>inputs</c>.</summary>
internal static class InputReader
{
    /// <param name="json">At the entry; afterwards at its end.</param>
    /// <param name="input">Receives what is read.</param>
    /// <param name="maxImages">N at most.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public static string? Read(ref Utf8JsonReader json, InputTensor input, int maxImages)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            return "Each input is to be an object.";
        }

        InferProperties seen = InferProperties.None;
        while (json.NextProperty())
        {
            string? problem =
                json.ValueTextEquals("name"u8) ? seen.Once(InferProperties.Name) ?? ReadName(ref json)
                : json.ValueTextEquals("shape"u8) ? seen.Once(InferProperties.Shape) ?? ReadShape(ref json, input)
                : json.ValueTextEquals("datatype"u8) ? seen.Once(InferProperties.Datatype) ?? ReadDatatype(ref json, input)
                : json.ValueTextEquals("parameters"u8) ? seen.Once(InferProperties.Parameters) ?? ReadParameters(ref json, input)
                : json.ValueTextEquals("data"u8) ? seen.Once(InferProperties.Data) ?? ReadData(ref json, input, maxImages)
                : json.Ignore();
            if (problem is not null)
            {
                return problem;
            }
        }

        const InferProperties Required = InferProperties.Name | InferProperties.Shape | InferProperties.Datatype;
        return (seen & Required) == Required ? null : "Each input is to have 'name', 'shape' and 'datatype'.";
    }

    private static string? ReadName(ref Utf8JsonReader json) =>
        !json.NextIs(JsonTokenType.String) ? "The 'name' of an input is to be a string."
        : json.ValueTextEquals(ModelContract.Input) ? null
        : $"There is no input '{Excerpt.Of(json)}'. The model has '{ModelContract.Input}'.";

    private static string? ReadShape(ref Utf8JsonReader json, InputTensor input)
    {
        const string Expected = "The 'shape' of an input is to be an array of whole numbers, the lengths of its dimensions.";
        if (!json.NextIs(JsonTokenType.StartArray))
        {
            return Expected;
        }

        while (json.NextEntry())
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long length))
            {
                return Expected;
            }

            if (!input.TryAddDimension(length))
            {
                return "The 'shape' of an input has too many dimensions.";
            }
        }

        return null;
    }

    private static string? ReadDatatype(ref Utf8JsonReader json, InputTensor input)
    {
        if (!json.NextIs(JsonTokenType.String))
        {
            return "The 'datatype' of an input is to be a string.";
        }

        input.Datatype =
            json.ValueTextEquals(InferenceProtocol.Fp32) ? InferenceProtocol.Fp32
            : json.ValueTextEquals(InferenceProtocol.Bytes) ? InferenceProtocol.Bytes
            : Excerpt.Of(json);
        return null;
    }

    private static string? ReadParameters(ref Utf8JsonReader json, InputTensor input)
    {
        var parameters = default(InferParameters);
        string? problem = parameters.Read(ref json);
        input.BinarySize = parameters.BinarySize;
        return problem;
    }

    private static string? ReadData(ref Utf8JsonReader json, InputTensor input, int maxImages)
    {
        if (json.NextIs(JsonTokenType.Null))
        {
            return null;
        }

        input.Data = new TensorData();
        string? problem = input.Data.Read(ref json, maxImages * RowSequence.Length, maxImages);
        return problem is null ? null : $"The 'data' of an input {problem}.";
    }
}
