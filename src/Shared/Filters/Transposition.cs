using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>Swaps the rows and columns of a picture.</summary>
internal static class Transposition
{
    /// <summary>Transposes [H, W] → [W, H], 8x8 pixels at once, with each row of 8 in one 64-bit number.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public static GrayImage Of(GrayImage source)
    {
        const int Side = 8;
        var transposed = new GrayImage(source.Height, source.Width);
        ReadOnlySpan<byte> from = source.Pixels;
        Span<byte> to = transposed.Pixels;
        int wholeWidth = source.Width / Side * Side;
        int wholeHeight = source.Height / Side * Side;
        for (int y = 0; y < wholeHeight; y += Side)
        {
            for (int x = 0; x < wholeWidth; x += Side)
            {
                Transpose(from[((y * source.Width) + x)..], source.Width, to[((x * source.Height) + y)..],
                    source.Height);
            }
        }

        for (int y = 0; y < source.Height; y++)
        {
            for (int x = y < wholeHeight ? wholeWidth : 0; x < source.Width; x++)
            {
                to[(x * source.Height) + y] = from[(y * source.Width) + x];
            }
        }

        return transposed;
    }

    /// <summary>
    /// Swaps the off-diagonal quarters, then those of each quarter, and so on (Warren, "Hacker's Delight", 7-3).
    /// </summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void Transpose(ReadOnlySpan<byte> from, int fromStep, Span<byte> to, int toStep)
    {
        ulong a = Read(from, 0);
        ulong b = Read(from, fromStep);
        ulong c = Read(from, 2 * fromStep);
        ulong d = Read(from, 3 * fromStep);
        ulong e = Read(from, 4 * fromStep);
        ulong f = Read(from, 5 * fromStep);
        ulong g = Read(from, 6 * fromStep);
        ulong h = Read(from, 7 * fromStep);
        Swap(ref a, ref e, 32, 0x00000000FFFFFFFF);
        Swap(ref b, ref f, 32, 0x00000000FFFFFFFF);
        Swap(ref c, ref g, 32, 0x00000000FFFFFFFF);
        Swap(ref d, ref h, 32, 0x00000000FFFFFFFF);
        Swap(ref a, ref c, 16, 0x0000FFFF0000FFFF);
        Swap(ref b, ref d, 16, 0x0000FFFF0000FFFF);
        Swap(ref e, ref g, 16, 0x0000FFFF0000FFFF);
        Swap(ref f, ref h, 16, 0x0000FFFF0000FFFF);
        Swap(ref a, ref b, 8, 0x00FF00FF00FF00FF);
        Swap(ref c, ref d, 8, 0x00FF00FF00FF00FF);
        Swap(ref e, ref f, 8, 0x00FF00FF00FF00FF);
        Swap(ref g, ref h, 8, 0x00FF00FF00FF00FF);
        Write(to, 0, a);
        Write(to, toStep, b);
        Write(to, 2 * toStep, c);
        Write(to, 3 * toStep, d);
        Write(to, 4 * toStep, e);
        Write(to, 5 * toStep, f);
        Write(to, 6 * toStep, g);
        Write(to, 7 * toStep, h);

        static ulong Read(ReadOnlySpan<byte> pixels, int at) => BinaryPrimitives.ReadUInt64LittleEndian(pixels[at..]);

        static void Write(Span<byte> pixels, int at, ulong row) =>
            BinaryPrimitives.WriteUInt64LittleEndian(pixels[at..], row);

        static void Swap(ref ulong above, ref ulong below, int shift, ulong low)
        {
            ulong changed = ((above >> shift) ^ below) & low;
            below ^= changed;
            above ^= changed << shift;
        }
    }
}
