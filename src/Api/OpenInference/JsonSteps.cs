using System.Text.Json;

namespace MnistLstm.Api.OpenInference;

/// <summary>Steps through JSON that is not wanted as a tree.</summary>
internal static class JsonSteps
{
    /// <returns>Whether there is another property; it is at its name then, and at the object's end otherwise.</returns>
    public static bool NextProperty(ref this Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.PropertyName;
    }

    /// <returns>Whether there is another entry; it is at its start then, and at the array's end otherwise.</returns>
    public static bool NextEntry(ref this Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Goes on to the value and tells whether it begins so.</summary>
    public static bool NextIs(ref this Utf8JsonReader json, JsonTokenType token)
    {
        json.Read();
        return json.TokenType == token;
    }

    /// <summary>Passes over a property that means nothing here.</summary>
    public static string? Ignore(ref this Utf8JsonReader json)
    {
        json.Skip();
        return null;
    }

    /// <summary>Notes that a property is there.</summary>
    /// <returns>What is wrong if it was there before; null if it was not.</returns>
    public static string? Once(ref this InferProperties seen, InferProperties property)
    {
        if ((seen & property) != 0)
        {
            return $"The property '{property.ToString().ToLowerInvariant()}' is given twice.";
        }

        seen |= property;
        return null;
    }
}
