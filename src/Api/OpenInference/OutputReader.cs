using System.Text.Json;
using MnistLstm.Api.Problems;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>Reads one entry of a request's <c>outputs</c>.</summary>
internal static class OutputReader
{
    /// <param name="json">At the entry; afterwards at its end.</param>
    /// <param name="output">What is asked for, where nothing is wrong.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public static string? Read(ref Utf8JsonReader json, out RequestedOutput output)
    {
        output = default;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            return "Each output is to be an object.";
        }

        InferProperties seen = InferProperties.None;
        var parameters = default(InferParameters);
        string? name = null;
        while (json.NextProperty())
        {
            string? problem =
                json.ValueTextEquals("name"u8) ? seen.Once(InferProperties.Name) ?? ReadName(ref json, out name)
                : json.ValueTextEquals("parameters"u8) ? seen.Once(InferProperties.Parameters) ?? parameters.Read(ref json)
                : json.Ignore();
            if (problem is not null)
            {
                return problem;
            }
        }

        if (name is null)
        {
            return "Each output is to have a 'name'.";
        }

        output = new RequestedOutput(name, parameters.Binary, parameters.TopClasses);
        return null;
    }

    private static string? ReadName(ref Utf8JsonReader json, out string? name)
    {
        name = null;
        if (!json.NextIs(JsonTokenType.String))
        {
            return "The 'name' of an output is to be a string.";
        }

        name = json.ValueTextEquals(ModelContract.Probabilities) ? ModelContract.Probabilities
            : json.ValueTextEquals(ModelContract.Logits) ? ModelContract.Logits
            : null;
        return name is null
            ? $"There is no output '{Excerpt.Of(json)}'. The model has '{ModelContract.Probabilities}' and "
                + $"'{ModelContract.Logits}'."
            : null;
    }
}
