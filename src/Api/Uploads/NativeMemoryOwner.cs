using System.Buffers;
using System.Runtime.InteropServices;

namespace MnistLstm.Api.Uploads;

/// <summary>
/// Native memory for a large body. A few blocks of a typical photo's size are kept for reuse; larger blocks are freed
/// at once.
/// </summary>
internal sealed unsafe class NativeMemoryOwner : MemoryManager<byte>
{
    private const int KeptLength = 256 * 1024;

    /// <summary>Unused blocks, at most 2 MiB. The system provides only the pages that a body has filled.</summary>
    private static readonly NativeMemoryOwner?[] Kept = new NativeMemoryOwner?[8];

    private readonly int _length;
    private void* _bytes;

    private NativeMemoryOwner(int length)
    {
        _length = length;
        _bytes = NativeMemory.Alloc((nuint)length);
    }

    /// <summary>Rents a block. Dispose it to return it.</summary>
    /// <param name="length">Minimum length in bytes. The initial content is undefined.</param>
    public static NativeMemoryOwner Rent(int length)
    {
        if (length > KeptLength)
        {
            return new NativeMemoryOwner(length);
        }

        for (int i = 0; i < Kept.Length; i++)
        {
            if (Kept[i] is not null && Interlocked.Exchange(ref Kept[i], null) is { } block)
            {
                return block;
            }
        }

        return new NativeMemoryOwner(KeptLength);
    }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_bytes is null, this);
        return new Span<byte>(_bytes, _length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));
        ObjectDisposedException.ThrowIf(_bytes is null, this);
        return new MemoryHandle((byte*)_bytes + elementIndex);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (_length == KeptLength)
        {
            for (int i = 0; i < Kept.Length; i++)
            {
                if (Kept[i] is null && Interlocked.CompareExchange(ref Kept[i], this, null) is null)
                {
                    return;
                }
            }
        }

        NativeMemory.Free(_bytes);
        _bytes = null;
    }
}
