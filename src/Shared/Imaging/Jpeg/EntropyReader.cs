using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MnistLstm.Shared.Imaging.Jpeg;

/// <summary>Reads coefficients from entropy-coded data (ITU-T T.81, annex F.2.2), the highest bit of each byte first.</summary>
internal ref struct EntropyReader(ReadOnlySpan<byte> data)
{
    /// <summary>After a refill there are 56 bits at least, unless the data end.</summary>
    private const int LooksOfRefill = 56 / JpegHuffmanTable.FastBits;

    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;
    private ulong _bits;
    private int _count;

    /// <summary>Whether the data ended with the last coefficient, but for less than a byte that fills it up.</summary>
    public readonly bool IsUsedUp => _position - (_count >> 3) == _data.Length && _count >= 0;

    /// <summary>Reads the coefficients of a block.</summary>
    /// <param name="previous">First coefficient of the block before, becomes that of this one.</param>
    /// <param name="places">[<see cref="CoefficientPair.Places"/>], zigzag: where the others go, counted from <paramref name="block"/>.</param>
    /// <param name="block">Where those are 0 that the data leave out.</param>
    /// <param name="isFlat">Whether the data leave out all but the first.</param>
    /// <returns>False where the data is damaged.</returns>
    [MethodImpl(PixelLoop.Compilation | MethodImplOptions.NoInlining)]
    public bool ReadBlock(
        JpegHuffmanTable dc, JpegHuffmanTable ac, ref int previous, scoped ReadOnlySpan<ushort> places, scoped ref int block, out bool isFlat)
    {
        // In variables of their own, which the processor keeps in registers.
        ReadOnlySpan<byte> data = _data;
        int position = _position;
        ulong bits = _bits;
        int count = _count;
        isFlat = false;
        Refill(data, ref position, ref bits, ref count);
        int taken = dc.ReadDc(bits, ref previous);
        if (taken < 0)
        {
            return false;
        }

        bits <<= taken;
        count -= taken;

        // A look has as many entries as its bits have values, and from a place within the block a pair reaches no farther than Places.
        ref ulong pairs = ref MemoryMarshal.GetArrayDataReference(ac.Pairs);
        ref ushort place = ref MemoryMarshal.GetReference(places[..CoefficientPair.Places]);
        nuint k = 1;
        while (k < 64)
        {
            Refill(data, ref position, ref bits, ref count);
            for (int look = 0; look < LooksOfRefill; look++)
            {
                var pair = new CoefficientPair(Unsafe.Add(ref pairs, (nuint)(bits >> (64 - JpegHuffmanTable.FastBits))));
                Unsafe.Add(ref block, (nuint)Unsafe.Add(ref place, k + pair.First)) = pair.FirstValue;
                Unsafe.Add(ref block, (nuint)Unsafe.Add(ref place, k + pair.Second)) = pair.SecondValue;
                nuint next = k + pair.Advance;
                taken = pair.Bits;
                if (next >= 64)
                {
                    look = LooksOfRefill;
                    if (next is < CoefficientPair.EndOfBlock or >= CoefficientPair.EndOfBlock + 64)
                    {
                        // A long code, or the block is full after the first of the two: one by itself.
                        Refill(data, ref position, ref bits, ref count);
                        taken = ac.ReadAc(bits, out int zeros, out int value);
                        next = k + (uint)zeros;
                        if (taken < 0 || next is >= 64 and < CoefficientPair.EndOfBlock)
                        {
                            return false;
                        }

                        if (next < 64)
                        {
                            Unsafe.Add(ref block, (nuint)Unsafe.Add(ref place, next)) = value;
                            next++;
                        }
                    }
                }

                bits <<= taken;
                count -= taken;
                k = next;
            }
        }

        isFlat = k == CoefficientPair.EndOfBlock + 1;
        _position = position;
        _bits = bits;
        _count = count;
        return count >= 0;
    }

    /// <summary>Whether or not bits are missing: that is cheaper than to guess it. Those that are there already come again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Refill(ReadOnlySpan<byte> data, ref int position, ref ulong bits, ref int count)
    {
        if (position <= data.Length - sizeof(ulong))
        {
            bits |= BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(
                ref Unsafe.Add(ref MemoryMarshal.GetReference(data), position))) >> count;
            position += (63 - count) >> 3;
            count |= 56;
            return;
        }

        for (; count <= 56 && position < data.Length; count += 8)
        {
            bits |= (ulong)data[position++] << (56 - count);
        }
    }
}
