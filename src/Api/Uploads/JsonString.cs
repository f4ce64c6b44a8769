using System.Text.Json;

namespace MnistLstm.Api.Uploads;

/// <summary>Position of a string in JSON, without its quotation marks.</summary>
/// <param name="Start">Offset of its content, in bytes.</param>
/// <param name="Length">Bytes of its content.</param>
/// <param name="IsEscaped">Whether it contains JSON escapes.</param>
internal readonly record struct JsonString(int Start, int Length, bool IsEscaped)
{
    /// <summary>The reader's current string.</summary>
    public static JsonString At(in Utf8JsonReader json) =>
        new((int)json.TokenStartIndex + 1, json.ValueSpan.Length, json.ValueIsEscaped);

    /// <summary>Decodes the string as base64, in place.</summary>
    /// <param name="json">The JSON that contains the string; the string is overwritten.</param>
    /// <returns>The range of the decoded bytes in the JSON; null if the string is not base64.</returns>
    public Range? DecodeBase64(Span<byte> json)
    {
        int length = IsEscaped ? Unescape(json) : Length;
        return length < 0 ? null : Base64Text.Decode(json, Start, length);
    }

    /// <returns>The new length in bytes; -1 if an escape stands for no character.</returns>
    private int Unescape(Span<byte> json)
    {
        // With its quotation marks, the string is a JSON document.
        var reader = new Utf8JsonReader(json.Slice(Start - 1, Length + 2));
        reader.Read();
        using var memory = RequestBuffer.Rent(Length);
        try
        {
            int length = reader.CopyString(memory.Bytes.Span);
            memory.Bytes.Span[..length].CopyTo(json[Start..]);
            return length;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return -1;
        }
    }
}
