using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace MnistLstm.Api.Uploads;

/// <summary>
/// Base64 as clients write it (RFC 4648): in the standard or the URL-safe alphabet, padded or not, in one line or
/// several, alone or in a data URI (RFC 2397). It is decoded in place, so that a large picture needs no second buffer.
/// </summary>
internal static class Base64Text
{
    /// <summary>Enough to recognize a picture file by its first 48 bytes.</summary>
    private const int PeekedCharacters = 64;

    /// <summary>The characters before it may be broken into lines.</summary>
    private const int PeekedBytes = 96;

    /// <summary>Characters that are decoded at a time.</summary>
    private const int BlockCharacters = 4096;

    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\r\n"u8);

    private static ReadOnlySpan<byte> Scheme => "data:"u8;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>Whether a text is a data URI, or begins like base64 of a file of a known format.</summary>
    public static bool IsLikely(ReadOnlySpan<byte> text)
    {
        text = text[CountBlanks(text)..];
        if (IsDataUri(text))
        {
            return true;
        }

        Span<byte> head = stackalloc byte[PeekedBytes];
        head = head[..Math.Min(PeekedBytes, text.Length)];
        text[..head.Length].CopyTo(head);
        int length = Math.Min(RemoveBlanks(head), PeekedCharacters);
        return Decode(head, 0, length) is { } bytes && UploadedPicture.IsKnownFile(head[bytes]);
    }

    /// <summary>Decodes text that lies within other bytes.</summary>
    /// <param name="bytes">The text in it is overwritten.</param>
    /// <param name="start">Start of the text.</param>
    /// <param name="length">Bytes of the text.</param>
    /// <returns>The range of the decoded bytes; null if the text is not base64.</returns>
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

        Span<byte> text = bytes[start..end];
        int decoded = DecodeInPlace(text[..RemoveBlanks(text)]);
        return decoded < 0 ? null : new Range(start, start + decoded);
    }

    /// <summary>
    /// Decodes in blocks, since .NET's own decoder in place takes three to four times as long. That of the URL-safe
    /// alphabet is the one that can do without padding.
    /// </summary>
    /// <returns>How many bytes there are now; -1 if the text is not base64.</returns>
    private static int DecodeInPlace(Span<byte> text)
    {
        text.Replace((byte)'+', (byte)'-');
        text.Replace((byte)'/', (byte)'_');
        Span<byte> block = stackalloc byte[BlockCharacters / 4 * 3];
        int written = 0;
        for (int read = 0; read < text.Length; read += BlockCharacters)
        {
            ReadOnlySpan<byte> source = text.Slice(read, Math.Min(BlockCharacters, text.Length - read));
            bool isLast = read + source.Length == text.Length;
            if (Base64Url.DecodeFromUtf8(source, block, out _, out int count, isLast) != OperationStatus.Done)
            {
                return -1;
            }

            block[..count].CopyTo(text[written..]);
            written += count;
        }

        return written;
    }

    /// <returns>How many bytes are left.</returns>
    private static int RemoveBlanks(Span<byte> text)
    {
        int kept = text.IndexOfAny(Blanks);
        if (kept < 0)
        {
            return text.Length;
        }

        for (int position = kept; position < text.Length;)
        {
            position += text[position..].IndexOfAnyExcept(Blanks) is >= 0 and var blanks
                ? blanks
                : text.Length - position;
            int length = text[position..].IndexOfAny(Blanks) is >= 0 and var run ? run : text.Length - position;
            text.Slice(position, length).CopyTo(text[kept..]);
            kept += length;
            position += length;
        }

        return kept;
    }

    private static bool IsDataUri(ReadOnlySpan<byte> text) =>
        text.Length >= Scheme.Length && Ascii.EqualsIgnoreCase(text[..Scheme.Length], Scheme);

    private static bool EndsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end) =>
        text.Length >= end.Length && Ascii.EqualsIgnoreCase(text[^end.Length..], end);

    /// <summary>Bytes before the text proper: a byte order mark and white space.</summary>
    private static int CountBlanks(ReadOnlySpan<byte> text)
    {
        int count = text.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        int blanks = text[count..].IndexOfAnyExcept(Blanks);
        return blanks < 0 ? text.Length : count + blanks;
    }
}
