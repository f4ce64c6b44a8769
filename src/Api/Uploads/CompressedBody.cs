using System.IO.Pipelines;
using Microsoft.AspNetCore.RequestDecompression;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Uploads;

/// <summary>
/// A body with a <c>Content-Encoding</c>. ASP.NET Core's decoders read it, but not its middleware, whose size limit would
/// be the server's for all addresses.
/// </summary>
internal static class CompressedBody
{
    /// <summary>What ASP.NET Core decodes, as the header <c>Accept-Encoding</c> names it.</summary>
    public const string Encodings = "gzip, deflate, br";

    private static readonly StreamPipeReaderOptions Options = new(bufferSize: 16 * 1024);

    public static bool Is(HttpRequest request) =>
        request.Headers.ContentEncoding is { Count: > 0 } encodings
        && !(encodings is [{ } encoding] && encoding.Equals("identity", StringComparison.OrdinalIgnoreCase));

    /// <param name="context">The request.</param>
    /// <param name="reader">Reads the body decompressed; to be completed.</param>
    /// <returns>What is wrong; null if all is well.</returns>
    public static Problem? Open(HttpContext context, out PipeReader? reader)
    {
        string encoding = Excerpt.Of(context.Request.Headers.ContentEncoding);
        Stream? decompressed = context.RequestServices.GetRequiredService<IRequestDecompressionProvider>().GetDecompressionStream(context);
        reader = decompressed is null ? null : PipeReader.Create(decompressed, Options);
        if (reader is not null)
        {
            return null;
        }

        context.Response.Headers.AcceptEncoding = Encodings;
        return new Problem(
            ProblemType.UnsupportedMediaType,
            $"A body with the Content-Encoding '{encoding}' is not read here. Send it as it is, or compressed once: {Encodings}.");
    }

    /// <summary>Whether decompression failed: the decoders of .NET throw the first for gzip and deflate, the second for Brotli.</summary>
    public static bool IsDamage(Exception e) => e is InvalidDataException or InvalidOperationException;
}
