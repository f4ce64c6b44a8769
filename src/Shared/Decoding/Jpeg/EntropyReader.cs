using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>Reads coefficients from entropy-coded data (ITU-T T.81, annex F.2.2), most significant bit first.</summary>
internal ref struct EntropyReader(ReadOnlySpan<byte> data)
{
    /// <summary>A refill leaves at least 56 bits, unless the data ends.</summary>
    private const int LooksOfRefill = 56 / JpegHuffmanTable.FastBits;

    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;
    private ulong _bits;
    private int _count;

    /// <summary>Reads the coefficients of an MCU's blocks.</summary>
    /// <param name="previous">For each component, the first coefficient of the previous block; updated.</param>
    /// <param name="lane">The MCU's first lane. The coefficients of its blocks must be 0.</param>
    /// <returns>False if the data is damaged.</returns>
    [MethodImpl(PixelLoop.Compilation | MethodImplOptions.NoInlining)]
    public bool ReadMcu(McuBlock[] blocks, int[] previous, int lane)
    {
        // Local variables, so that they stay in registers.
        ReadOnlySpan<byte> data = _data;
        int position = _position;
        ulong bits = _bits;
        int count = _count;
        foreach (McuBlock block in blocks)
        {
            Refill(data, ref position, ref bits, ref count);
            ref int level = ref previous[block.Component];
            int taken = block.Dc.ReadDc(bits, ref level);
            if (taken < 0)
            {
                return false;
            }

            bits <<= taken;
            count -= taken;

            // Lookup indices are FastBits wide and k + pair.Second < Places, so no bounds checks are needed.
            ref ulong pairs = ref MemoryMarshal.GetArrayDataReference(block.Ac.Pairs);
            ref ushort place = ref MemoryMarshal.GetReference(block.Places.AsSpan(0, CoefficientPair.Places));
            ref int coefficient = ref block.Lanes.Coefficients[lane + block.Lane];
            nuint k = 1;
            while (k < 64)
            {
                Refill(data, ref position, ref bits, ref count);
                for (int look = 0; look < LooksOfRefill; look++)
                {
                    var pair =
                        new CoefficientPair(Unsafe.Add(ref pairs, (nuint)(bits >> (64 - JpegHuffmanTable.FastBits))));
                    Unsafe.Add(ref coefficient, (nuint)Unsafe.Add(ref place, k + pair.First)) = pair.FirstValue;
                    Unsafe.Add(ref coefficient, (nuint)Unsafe.Add(ref place, k + pair.Second)) = pair.SecondValue;
                    nuint next = k + pair.Advance;
                    taken = pair.Bits;
                    if (next >= 64)
                    {
                        look = LooksOfRefill;
                        if (next is < CoefficientPair.EndOfBlock or >= CoefficientPair.EndOfBlock + 64)
                        {
                            // A long code, or the block is full after the first of the two: read a single coefficient.
                            Refill(data, ref position, ref bits, ref count);
                            taken = block.Ac.ReadAc(bits, out int zeros, out int value);
                            next = k + (uint)zeros;
                            if (taken < 0 || next is >= 64 and < CoefficientPair.EndOfBlock)
                            {
                                return false;
                            }

                            if (next < 64)
                            {
                                Unsafe.Add(ref coefficient, (nuint)Unsafe.Add(ref place, next)) = value;
                                next++;
                            }
                        }
                    }

                    bits <<= taken;
                    count -= taken;
                    k = next;
                }
            }

            block.Lanes.SetFirst(lane + block.Lane, level, isFlat: k == CoefficientPair.EndOfBlock + 1);
        }

        _position = position;
        _bits = bits;
        _count = count;
        return count >= 0;
    }

    /// <summary>
    /// Refills unconditionally: re-reading buffered bits is cheaper than a mispredicted branch.
    /// </summary>
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
