using System.Text.Json;

namespace MnistLstm.Api.Uploads;

/// <summary>Checks JSON from clients and describes errors in it.</summary>
internal static class JsonText
{
    /// <summary>The error for half of a surrogate pair: JSON's grammar allows the escape, but it is not text.</summary>
    public const string BadEscape = "The JSON has an escape that stands for no character.";

    /// <summary>The default of <see cref="JsonReaderOptions.MaxDepth"/>.</summary>
    public const int MaxDepth = 64;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>
    /// Number of bytes to skip before the JSON: some editors and .NET's <c>Encoding.UTF8</c> write a byte order mark.
    /// </summary>
    public static int CountMarkBytes(ReadOnlySpan<byte> text) =>
        text.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;

    /// <summary>Checks a whole text.</summary>
    /// <returns>A sentence that says where it is malformed; null if it is not.</returns>
    public static string? FindProblem(ReadOnlySpan<byte> text)
    {
        var json = new Utf8JsonReader(text);
        try
        {
            while (json.Read())
            {
                if (json.ValueIsEscaped)
                {
                    using var memory = RequestBuffer.Rent(json.ValueSpan.Length);
                    json.CopyString(memory.Bytes.Span);
                }
            }
        }
        catch (JsonException e)
        {
            return Describe(e, json, text);
        }
        catch (InvalidOperationException)
        {
            return BadEscape;
        }

        return null;
    }

    /// <summary>Describes in a sentence where JSON is malformed.</summary>
    /// <param name="error">The reader's exception, whose message is for programmers.</param>
    /// <param name="json">The reader, after the error.</param>
    /// <param name="text">The text that it reads.</param>
    public static string Describe(JsonException error, in Utf8JsonReader json, ReadOnlySpan<byte> text)
    {
        long line = error.LineNumber ?? 0;
        int offset = 0;
        for (long i = 0; i < line && text[offset..].IndexOf((byte)'\n') is >= 0 and var end; i++)
        {
            offset += end + 1;
        }

        long position = offset + (error.BytePositionInLine ?? 0);
        string place = $"line {line + 1}, byte {position - offset + 1}";
        ReadOnlySpan<byte> rest = position < text.Length ? text[(int)position..] : [];
        return rest is [] or [(byte)',' or (byte)':'] ? $"The JSON cannot be read: it ends too early, at {place}."
            : rest[0] is (byte)'[' or (byte)'{' && IsDeepest(json)
                ? $"The JSON cannot be read: it is nested more than {MaxDepth} levels deep."
            : rest[0] == (byte)'\'' ? $"The JSON cannot be read: a single quotation mark is not allowed at {place}."
            : rest[0] is >= (byte)'!' and <= (byte)'~'
                ? $"The JSON cannot be read: '{(char)rest[0]}' is not allowed at {place}."
            : $"The JSON cannot be read: there is an error at {place}.";
    }

    /// <summary>The depth of a bracket is that of the enclosing value.</summary>
    private static bool IsDeepest(in Utf8JsonReader json) =>
        json.CurrentDepth + (json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0)
        >= MaxDepth;
}
