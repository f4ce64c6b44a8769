using System.Buffers;
using System.Runtime.InteropServices;

namespace MnistLstm.Api.Predictions;

/// <summary>Memory of a large body: the system's own, and given back to it at once.</summary>
/// <param name="length">In bytes; what they hold at first is not defined.</param>
internal sealed unsafe class LargeBlock(int length) : MemoryManager<byte>
{
    private void* _bytes = NativeMemory.Alloc((nuint)length);

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_bytes is null, this);
        return new Span<byte>(_bytes, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length, nameof(elementIndex));
        ObjectDisposedException.ThrowIf(_bytes is null, this);
        return new MemoryHandle((byte*)_bytes + elementIndex);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
    }
}
