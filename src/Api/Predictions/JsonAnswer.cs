using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.ObjectPool;

namespace MnistLstm.Api.Predictions;

/// <summary>A pooled buffer for an answer, so that its length is known before it is sent.</summary>
public sealed class JsonAnswer : IDisposable
{
    /// <summary>Fits most answers; longer ones grow the buffer.</summary>
    private const int InitialBytes = 1024;

    /// <summary>The large buffer of a batch does not go back to the pool.</summary>
    private const int MaxPooledBytes = 64 * 1024;

    private static readonly DefaultObjectPool<JsonAnswer> Pool =
        new(new DefaultPooledObjectPolicy<JsonAnswer>(), maximumRetained: 256);

    private readonly ArrayBufferWriter<byte> _bytes = new(InitialBytes);

    public JsonAnswer() => Writer = new Utf8JsonWriter(_bytes, new JsonWriterOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    });

    public Utf8JsonWriter Writer { get; }

    public static JsonAnswer Rent() => Pool.Get();

    /// <summary>Flushes the writer.</summary>
    /// <returns>The length of the answer in bytes.</returns>
    public int End()
    {
        Writer.Flush();
        return _bytes.WrittenCount;
    }

    /// <summary>Appends bytes after the end of the JSON.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    /// <summary>Sends the answer with status 200, as JSON unless the response has another type.</summary>
    public async ValueTask WriteToAsync(HttpResponse response)
    {
        response.ContentLength = End();
        response.ContentType ??= "application/json";
        await response.BodyWriter.WriteAsync(_bytes.WrittenMemory);
    }

    public void Dispose()
    {
        _bytes.ResetWrittenCount();
        Writer.Reset();
        if (_bytes.Capacity <= MaxPooledBytes)
        {
            Pool.Return(this);
        }
    }
}
