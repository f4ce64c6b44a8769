using System.Text.Json;
using MnistLstm.Api.Problems;

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
    /// <param name="decoded">Receives the range of the decoded bytes in the JSON.</param>
    /// <returns>The problem, or null if there is none.</returns>
    public Problem? DecodeBase64(Span<byte> json, out Range decoded)
    {
        int length = IsEscaped ? Unescape(json) : Length;
        decoded = Start..(Start + Math.Max(length, 0));
        return length < 0 ? Base64Text.NotBase64 : Base64Text.Read(json, ref decoded);
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
