using System.Globalization;
using Microsoft.Extensions.Primitives;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.OpenInference;

/// <summary>What the headers say about the body of a request for inference.</summary>
internal static class InferBody
{
    /// <summary>
    /// The protocol never held its clients to a type, so the defaults of HTTP programs are read too (curl -d sends the third).
    /// </summary>
    private static readonly string[] ReadableTypes =
        [InferenceProtocol.JsonType, InferenceProtocol.BinaryType, "application/x-www-form-urlencoded", "text/plain", "text/json"];

    /// <returns>The problem, or null if there is none.</returns>
    public static Problem? FindProblem(HttpRequest request)
    {
        string type = request.ContentType ?? string.Empty;
        string mediaType = type.Split(';', 2)[0].Trim();
        return mediaType.Length == 0 || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
            || ReadableTypes.Contains(mediaType, StringComparer.OrdinalIgnoreCase)
            ? null
            : new Problem(
                ProblemType.UnsupportedMediaType,
                $"A body of type '{Excerpt.Of(type)}' is not read here. Send JSON as {InferenceProtocol.JsonType}, "
                + $"or with binary data behind it as {InferenceProtocol.BinaryType}.");
    }

    /// <summary>How much of the body is JSON.</summary>
    /// <param name="request">Its header is read.</param>
    /// <param name="bodyBytes">The whole body.</param>
    /// <param name="jsonBytes">All of it without the header; 0: the body is one raw tensor.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public static string? ReadJsonLength(HttpRequest request, int bodyBytes, out int jsonBytes)
    {
        jsonBytes = bodyBytes;
        if (!request.Headers.TryGetValue(InferenceProtocol.HeaderLength, out StringValues values))
        {
            return bodyBytes == 0 ? "The body is empty: send a JSON object." : null;
        }

        if (values is not [{ } value] || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long length))
        {
            return $"The header {InferenceProtocol.HeaderLength} must be one number of bytes, not '{Excerpt.Of(values)}'.";
        }

        jsonBytes = (int)Math.Min(length, bodyBytes);
        return length <= bodyBytes
            ? null
            : $"The header {InferenceProtocol.HeaderLength} says {length} bytes, and the body has {bodyBytes}.";
    }
}
