namespace MnistLstm.Api.Uploads;

/// <summary>The literals of JSON: <c>true</c>, <c>false</c> and <c>null</c>.</summary>
internal static class JsonLiterals
{
    /// <summary>Enough for an error message to show the invalid word.</summary>
    private const int ShownBytes = 16;

    /// <summary>
    /// Cuts JSON off shortly after an invalid literal. For one, the exception of Utf8JsonReader quotes everything that
    /// follows, up to a body of many megabytes.
    /// </summary>
    /// <returns>The whole JSON if its literals are valid, whatever else is wrong with it.</returns>
    public static ReadOnlySpan<byte> CutAfterInvalid(ReadOnlySpan<byte> json)
    {
        int position = 0;
        while (json[position..].IndexOfAny("\"tfn"u8) is >= 0 and int found)
        {
            position += found;
            ReadOnlySpan<byte> rest = json[position..];
            int length = rest[0] == (byte)'"' ? StringLength(rest)
                : rest.StartsWith("true"u8) || rest.StartsWith("null"u8) ? "true"u8.Length
                : rest.StartsWith("false"u8) ? "false"u8.Length
                : 0;
            if (length == 0)
            {
                return json[..(position + Math.Min(ShownBytes, rest.Length))];
            }

            position += length;
        }

        return json;
    }

    /// <param name="rest">Begins with the string's opening quotation mark.</param>
    /// <returns>Includes both quotation marks; the length of the rest if the string does not end.</returns>
    private static int StringLength(ReadOnlySpan<byte> rest)
    {
        int length = 1;
        while (rest[length..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and int found)
        {
            length += found + 1;
            if (rest[length - 1] == (byte)'"')
            {
                return length;
            }

            // The character after a backslash.
            length = Math.Min(length + 1, rest.Length);
        }

        return rest.Length;
    }
}
