using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.ObjectPool;

namespace MnistLstm.Api.Predictions;

/// <summary>Pooled memory that an answer is written to, so that its length is known before it is sent.</summary>
public sealed class JsonAnswer : IDisposable
{
    /// <summary>Most answers; longer ones grow it.</summary>
    private const int InitialBytes = 1024;

    /// <summary>A batch's large answer is not kept.</summary>
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

    /// <summary>Ends what was written.</summary>
    /// <returns>Its length in bytes.</returns>
    public int End()
    {
        Writer.Flush();
        return _bytes.WrittenCount;
    }

    /// <summary>Copies what was written.</summary>
    public void CopyTo(IBufferWriter<byte> writer) => writer.Write(_bytes.WrittenSpan);

    /// <summary>Sends what was written, with status 200.</summary>
    public async ValueTask WriteToAsync(HttpResponse response)
    {
        response.ContentLength = End();
        response.ContentType = "application/json";
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
