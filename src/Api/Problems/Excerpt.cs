using System.Text;
using System.Text.Json;

namespace MnistLstm.Api.Problems;

/// <summary>
/// Shortens text from a client to a length that is safe to echo in an answer, a log line or a metric.
/// </summary>
public static class Excerpt
{
    /// <summary>In UTF-16 code units, including the ellipsis.</summary>
    public const int MaxLength = 64;

    /// <summary>UTF-8 takes at most 4 bytes for each character that is kept.</summary>
    private const int MaxUtf8Bytes = 4 * MaxLength;

    private const char Ellipsis = '…';

    /// <returns>The text itself if it is short enough.</returns>
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

    /// <summary>
    /// The current string or property name of the reader. A huge one is not converted to a .NET string first.
    /// </summary>
    public static string Of(in Utf8JsonReader json) => json.ValueSpan.Length <= MaxUtf8Bytes
        ? Of(json.GetString())
        : Of(Encoding.UTF8.GetString(json.ValueSpan[..MaxUtf8Bytes]));
}
