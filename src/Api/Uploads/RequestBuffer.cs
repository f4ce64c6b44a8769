using System.Buffers;

namespace MnistLstm.Api.Uploads;

/// <summary>
/// Memory for the duration of a request: a pooled array if it is small, otherwise a <see cref="NativeMemoryOwner"/>.
/// </summary>
internal readonly struct RequestBuffer : IDisposable
{
    /// <summary>The pool may keep an array of each size for every thread, so large arrays would add up.</summary>
    private const int MaxPooledBytes = 64 * 1024;

    private readonly byte[]? _pooled;
    private readonly NativeMemoryOwner? _large;

    private RequestBuffer(byte[]? pooled, NativeMemoryOwner? large)
    {
        _pooled = pooled;
        _large = large;
    }

    /// <summary>A buffer of at least the requested size.</summary>
    public Memory<byte> Bytes => _large is null ? _pooled : _large.Memory;

    /// <param name="bytes">Minimum size in bytes. The initial content is undefined.</param>
    public static RequestBuffer Rent(int bytes) => bytes <= MaxPooledBytes
        ? new RequestBuffer(ArrayPool<byte>.Shared.Rent(bytes), large: null)
        : new RequestBuffer(pooled: null, NativeMemoryOwner.Rent(bytes));

    public void Dispose()
    {
        if (_pooled is not null)
        {
            ArrayPool<byte>.Shared.Return(_pooled);
        }

        ((IDisposable?)_large)?.Dispose();
    }
}
