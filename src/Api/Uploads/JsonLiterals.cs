namespace MnistLstm.Api.Uploads;

/// <summary>The bare words of JSON: <c>true</c>, <c>false</c> and <c>null</c>.</summary>
internal static class JsonLiterals
{
    /// <summary>Enough for an error message to show the word that is wrong.</summary>
    private const int ShownBytes = 16;

    /// <summary>
    /// Cuts JSON off shortly after a bare word that is none of the three. For such a word, the exception of
    /// Utf8JsonReader quotes everything that follows it, up to a whole body of many megabytes.
    /// </summary>
    /// <returns>All of the JSON where its bare words are right, whatever else is wrong with it.</returns>
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

    /// <param name="rest">Begins with the string's first quotation mark.</param>
    /// <returns>Both quotation marks included; all of the rest where the string does not end.</returns>
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
