using System.Globalization;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Uploads;

/// <summary>A picture as base64 in a field of an <c>application/x-www-form-urlencoded</c> body.</summary>
internal static class UrlEncodedForm
{
    public const string MediaType = "application/x-www-form-urlencoded";

    public static bool IsForm(string? contentType) =>
        contentType is not null && contentType.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Decodes the picture, in place.</summary>
    /// <param name="body">The body; the picture's text in it is overwritten.</param>
    /// <param name="picture">Receives the range of the decoded picture.</param>
    /// <returns>The problem, or null if there is none.</returns>
    public static Problem? Read(Span<byte> body, out Range picture)
    {
        picture = default;
        int start = 0;
        while (start < body.Length)
        {
            int length = body[start..].IndexOf((byte)'&') is >= 0 and var ampersand ? ampersand : body.Length - start;
            Span<byte> field = body.Slice(start, length);
            int equals = field.IndexOf((byte)'=');
            if (equals > 0 && (field[..equals].SequenceEqual("image"u8) || field[..equals].SequenceEqual("file"u8)))
            {
                int value = start + equals + 1;
                picture = value..(value + Unescape(body.Slice(value, length - equals - 1)));
                return Base64Text.Read(body, ref picture);
            }

            start += length + 1;
        }

        return ProblemType.NoFile.WithDetail("The URL-encoded form has no field 'image' with a picture.");
    }

    /// <summary>
    /// Decodes %XX in place. A plus sign stays, because base64 has no spaces and curl -d does not escape it.
    /// </summary>
    /// <returns>The number of bytes left.</returns>
    private static int Unescape(Span<byte> text)
    {
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool isEscape = text[i] == '%' && i + 2 < text.Length
                && byte.TryParse(
                    text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte _);
            text[length++] = isEscape
                ? byte.Parse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                : text[i];
            i += isEscape ? 2 : 0;
        }

        return length;
    }
}
