using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Uploads;

/// <summary>
/// A body with a <c>Content-Encoding</c>. ASP.NET Core's decompression middleware is not used, because its size limit
/// is the same for all addresses.
/// </summary>
internal static class CompressedBody
{
    /// <summary>The supported encodings, as a value of <c>Accept-Encoding</c>.</summary>
    public const string Encodings = "gzip, deflate, br";

    private static readonly StreamPipeReaderOptions Options = new(bufferSize: 16 * 1024);

    /// <summary>
    /// The names are those of RFC 9110, section 8.4.1 (its "deflate" is the zlib format), and of RFC 7932.
    /// </summary>
    private static readonly Dictionary<string, Func<Stream, Stream>> Decoders = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gzip"] = compressed => new GZipStream(compressed, CompressionMode.Decompress),
        ["x-gzip"] = compressed => new GZipStream(compressed, CompressionMode.Decompress),
        ["deflate"] = compressed => new ZLibStream(compressed, CompressionMode.Decompress),
        ["br"] = compressed => new BrotliStream(compressed, CompressionMode.Decompress),
    };

    public static bool Is(HttpRequest request) =>
        request.Headers.ContentEncoding is { Count: > 0 } encodings
        && encodings is not [null or ""]
        && !(encodings is [{ } encoding] && encoding.Equals("identity", StringComparison.OrdinalIgnoreCase));

    /// <param name="context">The request.</param>
    /// <param name="decoder">Receives a function that decompresses a stream.</param>
    /// <returns>The problem, or null if there is none.</returns>
    public static Problem? FindDecoder(HttpContext context, out Func<Stream, Stream>? decoder)
    {
        string encoding = context.Request.Headers.ContentEncoding.ToString();
        if (Decoders.TryGetValue(encoding, out decoder))
        {
            return null;
        }

        context.Response.Headers.AcceptEncoding = Encodings;
        return new Problem(
            ProblemType.UnsupportedMediaType,
            $"A body with the Content-Encoding '{Excerpt.Of(encoding)}' is not supported. "
            + $"Send it as it is, or compressed once: {Encodings}.");
    }

    /// <returns>A reader of the decompressed body. Complete it after use.</returns>
    public static PipeReader Open(ReadOnlyMemory<byte> compressed, Func<Stream, Stream> decoder) =>
        PipeReader.Create(decoder(PipeReader.Create(new ReadOnlySequence<byte>(compressed)).AsStream()), Options);

    /// <summary>
    /// Whether decompression failed: .NET throws the first for gzip and deflate, the second for data that needs a
    /// preset dictionary, the third for Brotli.
    /// </summary>
    public static bool IsDamage(Exception e) =>
        e is InvalidDataException or IOException or InvalidOperationException;
}
