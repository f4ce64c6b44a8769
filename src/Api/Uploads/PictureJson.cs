using System.Text.Json;
using System.Text.Unicode;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Uploads;

/// <summary>The JSON body of <c>/predict</c>: <c>{"image": "base64 or data URI"}</c>, or just that string.</summary>
internal static class PictureJson
{
    public const string MediaType = "application/json";

    public const string Member = "image";

    /// <summary>Whether to read a body as JSON: by its type, or because it begins like an object or a string.</summary>
    public static bool IsJson(string? contentType, ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> text = body[JsonText.CountMarkBytes(body)..].TrimStart(" \t\r\n"u8);
        return text is [(byte)'{' or (byte)'"', ..]
            || (contentType is not null && contentType.Contains("json", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Decodes the picture, in place.</summary>
    /// <param name="body">The body; the picture's text in it is overwritten.</param>
    /// <param name="picture">Receives the range of the decoded picture.</param>
    /// <returns>The problem, or null if there is none.</returns>
    public static Problem? Read(Span<byte> body, out Range picture)
    {
        picture = default;
        if (Find(body, out JsonString found) is { } problem)
        {
            return problem;
        }

        return found.DecodeBase64(body, out picture);
    }

    private static Problem? Find(ReadOnlySpan<byte> body, out JsonString picture)
    {
        picture = default;
        int mark = JsonText.CountMarkBytes(body);
        ReadOnlySpan<byte> text = body[mark..];
        var json = new Utf8JsonReader(JsonLiterals.CutAfterInvalid(text));
        try
        {
            Problem? problem = Find(ref json, out JsonString? found);
            picture = found.GetValueOrDefault();
            picture = picture with { Start = mark + picture.Start };
            return problem;
        }
        catch (JsonException e)
        {
            return ProblemType.MalformedJson.WithDetail(JsonText.Describe(e, json, text));
        }
        catch (InvalidOperationException)
        {
            return ProblemType.MalformedJson.WithDetail(
                Utf8.IsValid(text) ? JsonText.BadEscape : "The JSON is not valid UTF-8.");
        }
    }

    private static Problem? Find(ref Utf8JsonReader json, out JsonString? picture)
    {
        picture = null;
        string? other = null;
        json.Read();
        if (json.TokenType == JsonTokenType.String)
        {
            picture = JsonString.At(json);
        }
        else if (json.TokenType != JsonTokenType.StartObject)
        {
            return ProblemType.MalformedJson.WithDetail($"The JSON is {Name(json.TokenType)}, not an object.");
        }
        else
        {
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (!json.ValueTextEquals(Member))
                {
                    other ??= Excerpt.Of(json);
                    json.Skip();
                }
                else if (picture is not null)
                {
                    return ProblemType.SeveralFiles.WithDetail($"The JSON has the member '{Member}' more than once.");
                }
                else if (ReadMember(ref json, ref picture) is { } problem)
                {
                    return problem;
                }
            }
        }

        // This throws if anything but white space follows.
        json.Read();
        return picture is not null ? null : NoPicture(other);
    }

    private static Problem? ReadMember(ref Utf8JsonReader json, ref JsonString? picture)
    {
        json.Read();
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                picture = JsonString.At(json);
                return null;
            case JsonTokenType.Null:
                return null;
            default:
                return ProblemType.MalformedJson.WithDetail(
                    $"The member '{Member}' is {Name(json.TokenType)}, not a string. Pixels as numbers are read at "
                        + "/v2/models/NAME/infer.");
        }
    }

    private static Problem NoPicture(string? other) => ProblemType.NoFile.WithDetail(
        other is null ? $"The JSON has no member '{Member}' with a picture."
        : $"The JSON has no member '{Member}' with a picture (it has '{other}').");

    private static string Name(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };
}
