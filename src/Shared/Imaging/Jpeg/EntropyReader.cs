using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MnistLstm.Shared.Imaging.Jpeg;

/// <summary>Reads coefficients from entropy-coded data (ITU-T T.81, annex F.2.2), the highest bit of each byte first.</summary>
internal ref struct EntropyReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;
    private ulong _bits;
    private int _count;

    /// <summary>Whether the data ended with the last coefficient, but for less than a byte that fills it up.</summary>
    public readonly bool IsUsedUp => _position - (_count >> 3) == _data.Length && _count >= 0;

    /// <summary>Reads the difference of a first coefficient.</summary>
    /// <returns>False where the data is damaged.</returns>
    public bool ReadDc(JpegHuffmanTable table, ref int previous)
    {
        Refill();
        int entry = table.Fast[Next(JpegHuffmanTable.FastBits)];
        if (entry != 0)
        {
            Skip(entry & 0xFF);
            previous += entry >> 16;
            return true;
        }

        int category = table.Decode(Next(JpegHuffmanTable.MaxBits), out int length);
        if (category < 0)
        {
            return false;
        }

        Skip(length);
        previous += JpegHuffmanTable.Extend(Next(category), category);
        Skip(category);
        return true;
    }

    /// <summary>Reads the other 63 coefficients.</summary>
    /// <param name="steps">[64], zigzag: what they are multiplied with.</param>
    /// <param name="block">[8, 8], receives those that are not 0; empty if nobody wants them.</param>
    /// <param name="last">Zigzag place of the last one that is not 0.</param>
    /// <returns>False where the data is damaged.</returns>
    public bool ReadAc(JpegHuffmanTable table, scoped ReadOnlySpan<float> steps, scoped Span<float> block, out int last)
    {
        // In variables of their own, which the processor keeps in registers.
        ReadOnlySpan<byte> data = _data;
        int position = _position;
        ulong bits = _bits;
        int count = _count;
        ReadOnlySpan<int> fast = table.Fast;
        ReadOnlySpan<byte> zigzag = Zigzag;
        last = 0;
        int k = 1;
        while (k < 64)
        {
            // Whether or not bits are missing: that is cheaper than to guess it. Those that are there already come again.
            if (position <= data.Length - sizeof(ulong))
            {
                bits |= BinaryPrimitives.ReadUInt64BigEndian(data[position..]) >> count;
                position += (63 - count) >> 3;
                count |= 56;
            }
            else
            {
                for (; count < 32 && position < data.Length; count += 8)
                {
                    bits |= (ulong)data[position++] << (56 - count);
                }
            }

            int entry = fast[(int)(bits >> (64 - JpegHuffmanTable.FastBits))];
            int taken = entry & 0xFF;
            k += (entry >> 8) & 0xFF;
            int value = entry >> 16;
            if (entry == 0)
            {
                int symbol = table.Decode((int)(bits >> (64 - JpegHuffmanTable.MaxBits)), out int length);
                if (symbol < 0)
                {
                    return false;
                }

                int category = symbol & 0x0F;
                taken = length + category;
                k += symbol == 0 ? JpegHuffmanTable.EndOfBlock : symbol >> 4;
                value = JpegHuffmanTable.Extend((int)((bits << length) >> 1 >> (63 - category)), category);
            }

            bits <<= taken;
            count -= taken;
            if (k >= 64)
            {
                // Zeros up to the end are said by the end of the block, or it is damaged.
                k = k >= JpegHuffmanTable.EndOfBlock ? 64 : 0;
                break;
            }

            if (!block.IsEmpty)
            {
                block[zigzag[k]] = value * steps[k];
                last = k;
            }

            k++;
        }

        _position = position;
        _bits = bits;
        _count = count;
        return k == 64;
    }

    private static ReadOnlySpan<byte> Zigzag =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>The next bits as a number, without taking them; ones beyond the end, as the data is filled up with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Next(int count) => count == 0 ? 0 : (int)(_bits >> (64 - count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Skip(int count)
    {
        _bits <<= count;
        _count -= count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Refill()
    {
        if (_count >= 32)
        {
            return;
        }

        if (_position <= _data.Length - sizeof(ulong))
        {
            _bits |= BinaryPrimitives.ReadUInt64BigEndian(_data[_position..]) >> _count;
            _position += (63 - _count) >> 3;
            _count |= 56;
            return;
        }

        RefillByByte();
    }

    private void RefillByByte()
    {
        while (_count < 32 && _position < _data.Length)
        {
            _bits |= (ulong)_data[_position++] << (56 - _count);
            _count += 8;
        }
    }
}
