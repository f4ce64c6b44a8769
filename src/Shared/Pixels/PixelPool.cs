using System.Buffers;

namespace MnistLstm.Shared.Pixels;

/// <summary>
/// Memory for pixels. .NET's shared pool keeps an array of each size for every thread that used one, until a full
/// garbage collection. This pool keeps only a few of the larger arrays for all threads together.
/// </summary>
internal static class PixelPool
{
    private const int MaxShared = 64 * 1024;
    private const int MaxLarge = 1024 * 1024;
    private const int LargeOfEachSize = 12;

    private static readonly ArrayPool<byte> Large = ArrayPool<byte>.Create(MaxLarge, LargeOfEachSize);

    /// <param name="length">Minimum length in bytes. The initial content is undefined.</param>
    public static byte[] Rent(int length) => PoolOf(length).Rent(length);

    public static void Return(byte[] pixels) => PoolOf(pixels.Length).Return(pixels);

    private static ArrayPool<byte> PoolOf(int length) => length <= MaxShared ? ArrayPool<byte>.Shared : Large;
}
