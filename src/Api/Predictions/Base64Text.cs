using System.Buffers.Text;
using System.Text;
using MnistLstm.Shared.Imaging;

namespace MnistLstm.Api.Predictions;

/// <summary>
/// Base64 as clients write it (RFC 4648): in the standard or the URL-safe alphabet, padded or not, in one line or several,
/// alone or in a data URI (RFC 2397). It is decoded in place, so that a large picture needs no second buffer.
/// </summary>
internal static class Base64Text
{
    /// <summary>Enough to recognize a picture file by its first 48 bytes.</summary>
    private const int PeekedCharacters = 64;

    private static ReadOnlySpan<byte> Scheme => "data:"u8;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>Whether a text is a data URI, or begins like base64 of a picture file.</summary>
    public static bool IsLikely(ReadOnlySpan<byte> text)
    {
        text = text[CountBlanks(text)..];
        if (IsDataUri(text))
        {
            return true;
        }

        Span<byte> head = stackalloc byte[PeekedCharacters];
        int length = 0;
        for (int i = 0; i < text.Length && length < head.Length; i++)
        {
            if (!IsBlank(text[i]))
            {
                head[length++] = text[i];
            }
        }

        return Decode(head, 0, length) is { } bytes && ImageFormats.Recognize(head[bytes]) != ImageFormat.Unknown;
    }

    /// <summary>Decodes text that lies within other bytes.</summary>
    /// <param name="bytes">The text in it is overwritten.</param>
    /// <param name="start">Where the text begins.</param>
    /// <param name="length">Bytes of the text.</param>
    /// <returns>Where among the bytes the decoded ones are; null if the text is not base64.</returns>
    public static Range? Decode(Span<byte> bytes, int start, int length)
    {
        int end = start + length;
        start += CountBlanks(bytes[start..end]);
        if (IsDataUri(bytes[start..end]))
        {
            int comma = bytes[start..end].IndexOf((byte)',');
            if (comma < 0 || !EndsWith(bytes.Slice(start, comma), ";base64"u8))
            {
                return null;
            }

            start += comma + 1;
        }

        // The decoder of the URL-safe alphabet is the one that can do without padding.
        Span<byte> text = bytes[start..end];
        text.Replace((byte)'+', (byte)'-');
        text.Replace((byte)'/', (byte)'_');
        return Base64Url.IsValid(text) ? new Range(start, start + Base64Url.DecodeFromUtf8InPlace(text)) : null;
    }

    private static bool IsDataUri(ReadOnlySpan<byte> text) =>
        text.Length >= Scheme.Length && Ascii.EqualsIgnoreCase(text[..Scheme.Length], Scheme);

    private static bool EndsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end) =>
        text.Length >= end.Length && Ascii.EqualsIgnoreCase(text[^end.Length..], end);

    /// <summary>Bytes before the text proper: a byte order mark and white space.</summary>
    private static int CountBlanks(ReadOnlySpan<byte> text)
    {
        int count = text.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        while (count < text.Length && IsBlank(text[count]))
        {
            count++;
        }

        return count;
    }

    private static bool IsBlank(byte c) => c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
