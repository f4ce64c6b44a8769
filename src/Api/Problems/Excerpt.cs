using System.Text;
using System.Text.Json;

namespace MnistLstm.Api.Problems;

/// <summary>Text from a client, cut to a length that is safe to repeat in an answer, a log line or a metric.</summary>
public static class Excerpt
{
    /// <summary>In UTF-16 code units, the ellipsis of a shortened text included.</summary>
    public const int MaxLength = 64;

    /// <summary>UTF-8 takes at most 4 bytes for each character that is kept.</summary>
    private const int MaxUtf8Bytes = 4 * MaxLength;

    private const char Ellipsis = '…';

    /// <returns>The text itself where it is short enough.</returns>
    public static string Of(string? text) =>
        text is null ? string.Empty : text.Length <= MaxLength ? text : Of(text.AsSpan());

    /// <inheritdoc cref="Of(string?)"/>
    public static string Of(ReadOnlySpan<char> text)
    {
        if (text.Length <= MaxLength)
        {
            return text.ToString();
        }

        int kept = MaxLength - 1;
        return string.Concat(text[..(char.IsHighSurrogate(text[kept - 1]) ? kept - 1 : kept)], [Ellipsis]);
    }

    /// <summary>The string or name that the reader is at; a huge one is not turned into a .NET string first.</summary>
    public static string Of(in Utf8JsonReader json) => json.ValueSpan.Length <= MaxUtf8Bytes
        ? Of(json.GetString())
        : Of(Encoding.UTF8.GetString(json.ValueSpan[..MaxUtf8Bytes]));
}
