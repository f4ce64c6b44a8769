using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MnistLstm.Shared.Imaging.Png;

/// <summary>
/// Decompresses zlib data (RFC 1950, RFC 1951) that lies in memory as a whole into memory whose length is known: no streams, no
/// windows, no call into another language for the 300 bytes of a small picture.
/// </summary>
internal sealed class Inflate
{
    private const int EndOfBlock = 256;
    private const int LengthCodes = 29;
    private const int DistanceCodes = 30;

    [ThreadStatic]
    private static Inflate? _ofThread;

    private readonly HuffmanTable _literals = new();
    private readonly HuffmanTable _distances = new();

    // RFC 1951, section 3.2.5.
    private static ReadOnlySpan<ushort> LengthBase =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthExtraBits =>
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static ReadOnlySpan<ushort> DistanceBase =>
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];

    private static ReadOnlySpan<byte> DistanceExtraBits =>
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    /// <summary>The order of the code lengths' own lengths, section 3.2.7.</summary>
    private static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Decompresses.</summary>
    /// <param name="compressed">zlib's header, the blocks and the checksum.</param>
    /// <param name="output">As long as the data is.</param>
    /// <returns>False where the data is damaged, or has another length.</returns>
    public static bool TryDecompress(ReadOnlySpan<byte> compressed, Span<byte> output)
    {
        const int Header = 2;
        const int Checksum = 4;
        if (compressed.Length < Header + Checksum
            || (compressed[0] & 0x0F) != 8
            || (compressed[1] & 0x20) != 0
            || ((compressed[0] << 8) | compressed[1]) % 31 != 0)
        {
            return false;
        }

        Inflate inflate = _ofThread ??= new Inflate();
        return inflate.Run(compressed[Header..^Checksum], output)
            && Adler32.Of(output) == BinaryPrimitives.ReadUInt32BigEndian(compressed[^Checksum..]);
    }

    private bool Run(ReadOnlySpan<byte> data, Span<byte> output)
    {
        var bits = new BitReader(data);
        int written = 0;
        bool isLast;
        do
        {
            bits.Refill();
            isLast = bits.Take(1) == 1;
            bool good = bits.Take(2) switch
            {
                0 => CopyStored(ref bits, output, ref written),
                1 => BuildFixed() && Decode(ref bits, output, ref written),
                2 => ReadTables(ref bits) && Decode(ref bits, output, ref written),
                _ => false,
            };
            if (!good)
            {
                return false;
            }
        }
        while (!isLast);

        return written == output.Length && bits.AlignToByte().IsEmpty && !bits.IsOverrun;
    }

    private static bool CopyStored(ref BitReader bits, Span<byte> output, ref int written)
    {
        ReadOnlySpan<byte> rest = bits.AlignToByte();
        if (rest.Length < 4)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
        if (length != (ushort)~BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]) || length > rest.Length - 4 || length > output.Length - written)
        {
            return false;
        }

        rest.Slice(4, length).CopyTo(output[written..]);
        written += length;
        bits = new BitReader(rest[(4 + length)..]);
        return true;
    }

    private bool BuildFixed()
    {
        Span<byte> lengths = stackalloc byte[288];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        bool good = _literals.Build(lengths, mayBeSingle: false);
        lengths[..32].Fill(5);
        return good && _distances.Build(lengths[..32], mayBeSingle: false);
    }

    private bool ReadTables(ref BitReader bits)
    {
        bits.Refill();
        int literals = bits.Take(5) + 257;
        int distances = bits.Take(5) + 1;
        int codeLengths = bits.Take(4) + 4;
        if (literals > 286 || distances > DistanceCodes)
        {
            return false;
        }

        Span<byte> lengths = stackalloc byte[286 + DistanceCodes];
        lengths.Clear();
        for (int i = 0; i < codeLengths; i++)
        {
            bits.Refill();
            lengths[CodeLengthOrder[i]] = (byte)bits.Take(3);
        }

        // The table of the lengths is used up before that of the literals is built.
        if (!_literals.Build(lengths[..CodeLengthOrder.Length], mayBeSingle: false))
        {
            return false;
        }

        int total = literals + distances;
        lengths.Clear();
        for (int i = 0; i < total;)
        {
            bits.Refill();
            int symbol = _literals.Decode(bits.Peek, out int bitCount);
            bits.Skip(bitCount);
            if (symbol is >= 0 and < 16)
            {
                lengths[i++] = (byte)symbol;
                continue;
            }

            if (symbol < 0 || (symbol == 16 && i == 0))
            {
                return false;
            }

            byte repeated = symbol == 16 ? lengths[i - 1] : (byte)0;
            int times = symbol switch { 16 => bits.Take(2) + 3, 17 => bits.Take(3) + 3, _ => bits.Take(7) + 11 };
            if (times > total - i)
            {
                return false;
            }

            lengths.Slice(i, times).Fill(repeated);
            i += times;
        }

        return lengths[EndOfBlock] != 0
            && _literals.Build(lengths[..literals], mayBeSingle: true)
            && _distances.Build(lengths.Slice(literals, distances), mayBeSingle: true);
    }

    [MethodImpl(PixelLoop.Compilation)]
    private bool Decode(ref BitReader bits, Span<byte> output, ref int written)
    {
        int at = written;
        while (true)
        {
            // 56 bits are enough for a length with its extra bits and a distance with its own: 15 + 5 + 15 + 13.
            bits.Refill();
            if (bits.IsOverrun)
            {
                return false;
            }

            int symbol = _literals.Decode(bits.Peek, out int bitCount);
            bits.Skip(bitCount);
            if (symbol < EndOfBlock)
            {
                if (symbol < 0 || at == output.Length)
                {
                    return false;
                }

                output[at++] = (byte)symbol;
                continue;
            }

            if (symbol == EndOfBlock)
            {
                written = at;
                return true;
            }

            int lengthCode = symbol - EndOfBlock - 1;
            if (lengthCode >= LengthCodes)
            {
                return false;
            }

            int length = LengthBase[lengthCode] + bits.Take(LengthExtraBits[lengthCode]);
            int distanceCode = _distances.Decode(bits.Peek, out bitCount);
            bits.Skip(bitCount);
            if (distanceCode is < 0 or >= DistanceCodes)
            {
                return false;
            }

            int distance = DistanceBase[distanceCode] + bits.Take(DistanceExtraBits[distanceCode]);
            if (distance > at || length > output.Length - at)
            {
                return false;
            }

            Copy(output, at, distance, length);
            at += length;
        }
    }

    /// <summary>Repeats what lies <paramref name="distance"/> bytes back: a pattern, where that is less than the length.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void Copy(Span<byte> output, int at, int distance, int length)
    {
        if (distance == 1)
        {
            output.Slice(at, length).Fill(output[at - 1]);
            return;
        }

        // Each copy doubles the pattern that the next one can take.
        Span<byte> target = output.Slice(at - distance, distance + length);
        int copied = 0;
        while (copied < length)
        {
            int count = Math.Min(distance + copied, length - copied);
            target[..count].CopyTo(target[(distance + copied)..]);
            copied += count;
        }
    }

    /// <summary>Reads bits, the lowest of each byte first.</summary>
    private ref struct BitReader(ReadOnlySpan<byte> data)
    {
        private readonly ReadOnlySpan<byte> _data = data;
        private int _position;
        private ulong _bits;
        private int _count;

        /// <summary>The next bits, at least 56 after a refill; 0 beyond the end of the data.</summary>
        public readonly ulong Peek => _bits;

        /// <summary>Whether more bits were taken than there are.</summary>
        public readonly bool IsOverrun => _position - (_count >> 3) > _data.Length;

        public void Refill()
        {
            if (_position <= _data.Length - sizeof(ulong))
            {
                _bits |= BinaryPrimitives.ReadUInt64LittleEndian(_data[_position..]) << _count;
                _position += (63 - _count) >> 3;
                _count |= 56;
                return;
            }

            while (_count < 56)
            {
                _bits |= _position < _data.Length ? (ulong)_data[_position] << _count : 0;
                _position++;
                _count += 8;
            }
        }

        public int Take(int count)
        {
            int value = (int)(_bits & ((1UL << count) - 1));
            Skip(count);
            return value;
        }

        public void Skip(int count)
        {
            _bits >>= count;
            _count -= count;
        }

        /// <summary>Drops the rest of the byte.</summary>
        /// <returns>What follows it.</returns>
        public readonly ReadOnlySpan<byte> AlignToByte()
        {
            int unread = _count >> 3;
            int next = _position - unread;
            return next <= _data.Length ? _data[next..] : [];
        }
    }
}
