using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace MnistLstm.Api.Hosting;

/// <summary>
/// The web server's send and receive buffers. Kestrel's own blocks are 4 kB, and each takes two system calls to
/// receive: 50 for a batch of 32 images. Larger blocks need fewer.
/// </summary>
internal sealed class PinnedBlockMemoryPool : MemoryPool<byte>
{
    /// <summary>Half of what the loopback delivers at once, and eight times Kestrel's own.</summary>
    private const int BlockBytes = 32 * 1024;

    /// <summary>Idle blocks that are kept, 8 MB. More are left to the garbage collector.</summary>
    private const int MaxIdle = 256;

    private readonly Lock _gate = new();
    private readonly Stack<Block> _idle = new(MaxIdle);

    /// <summary>Kestrel allocates larger buffers itself.</summary>
    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        lock (_gate)
        {
            // The block that was used last is the likeliest to still be in the processor's cache.
            return _idle.TryPop(out Block? block) ? block : new Block(this);
        }
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Return(Block block)
    {
        lock (_gate)
        {
            if (_idle.Count < MaxIdle)
            {
                _idle.Push(block);
            }
        }
    }

    /// <summary>One pool for all sockets of the web server.</summary>
    internal sealed class Factory : IMemoryPoolFactory<byte>
    {
        private static readonly PinnedBlockMemoryPool Pool = new();

        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => Pool;
    }

    private sealed class Block(PinnedBlockMemoryPool pool) : IMemoryOwner<byte>
    {
        // Pinned for good: the operating system writes into it.
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(_bytes, 0, BlockBytes);

        public void Dispose() => pool.Return(this);
    }
}
