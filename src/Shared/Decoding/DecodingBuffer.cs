using System.Runtime.InteropServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding;

/// <summary>
/// Memory for decoding one picture. It is pooled if it is small; otherwise it is native memory that is freed at once.
/// So a huge picture leaves no memory in use.
/// </summary>
internal readonly unsafe ref struct DecodingBuffer : IDisposable
{
    private const int MaxPooled = 1024 * 1024;

    private readonly byte[]? _pooled;
    private readonly void* _memory;
    private readonly int _length;

    /// <param name="length">Length in bytes. The initial content is undefined.</param>
    public DecodingBuffer(int length)
    {
        _length = length;
        if (length <= MaxPooled)
        {
            _pooled = PixelPool.Rent(length);
        }
        else
        {
            _memory = NativeMemory.Alloc((nuint)length);
        }
    }

    public Span<byte> Bytes => _pooled is null ? new Span<byte>(_memory, _length) : _pooled.AsSpan(0, _length);

    public void Dispose()
    {
        if (_pooled is null)
        {
            NativeMemory.Free(_memory);
        }
        else
        {
            PixelPool.Return(_pooled);
        }
    }
}
