using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.Net.Http.Headers;

namespace MnistLstm.Api.Hosting;

/// <summary>A file of the page. It is compressed once, when a client first asks for that encoding.</summary>
internal sealed class PageFile(byte[] content, string contentType)
{
    private readonly Variant _plain = new(content, Encoding: null);

    private readonly Lazy<Variant> _brotli = new(() =>
        Compress(content, "br", static output => new BrotliStream(output, CompressionLevel.Optimal, leaveOpen: true)));

    private readonly Lazy<Variant> _gzip = new(() =>
        Compress(content, "gzip", static output => new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true)));

    public Task WriteAsync(HttpContext context)
    {
        IList<StringWithQualityHeaderValue> accepted = context.Request.GetTypedHeaders().AcceptEncoding;
        Variant variant = Accepts(accepted, "br") ? _brotli.Value : Accepts(accepted, "gzip") ? _gzip.Value : _plain;
        context.Response.Headers.ContentEncoding = variant.Encoding;
        context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        return TypedResults.Bytes(variant.Content, contentType, entityTag: variant.Tag).ExecuteAsync(context);
    }

    private static bool Accepts(IList<StringWithQualityHeaderValue> accepted, string encoding)
    {
        foreach (StringWithQualityHeaderValue value in accepted)
        {
            if (value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase))
            {
                return value.Quality is not 0;
            }
        }

        return false;
    }

    /// <returns>The file as it is if compression does not make it smaller.</returns>
    private static Variant Compress(byte[] content, string encoding, Func<Stream, Stream> compress)
    {
        using var output = new MemoryStream();
        using (Stream compressor = compress(output))
        {
            compressor.Write(content);
        }

        return output.Length < content.Length
            ? new Variant(output.ToArray(), encoding)
            : new Variant(content, Encoding: null);
    }

    /// <summary>The same content has the same tag in every replica and after a restart.</summary>
    private sealed record Variant(byte[] Content, string? Encoding)
    {
        public EntityTagHeaderValue Tag { get; } = new($"\"{XxHash3.HashToUInt64(Content):x16}\"");
    }
}
