using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>
/// A Huffman table of a JPEG file (ITU-T T.81, annexes C and F.2.2). One lookup finds most coefficients, often two at
/// once.
/// </summary>
internal sealed class JpegHuffmanTable
{
    /// <summary>Maximum tables of each class at a time.</summary>
    public const int MaxTables = 4;

    /// <summary>Bits of a lookup index.</summary>
    public const int FastBits = 11;

    /// <summary>Bits of the longest code.</summary>
    private const int MaxBits = 16;

    private const int CountsLength = MaxBits;
    private const int MaxDcCategory = 11;
    private const int MaxAcCategory = 10;

    // Cache of the last table of each class and number: nearly all files have the tables of annex K.
    private static readonly JpegHuffmanTable?[] Last = new JpegHuffmanTable?[2 * MaxTables];

    // Indexed by length: the largest code, left-aligned, and the offset from codes to the list of symbols.
    private readonly int[] _limit = new int[MaxBits + 2];
    private readonly int[] _offset = new int[MaxBits + 1];
    private readonly byte[] _content;

    // Indexed by the next bits. The upper half is the coefficient, then come the zeros before it, then the bits of code
    // and value together. 0 if they exceed one lookup.
    private readonly int[] _fast = new int[1 << FastBits];

    private JpegHuffmanTable(byte[] content) => _content = content;

    /// <summary>
    /// Lookup by the next bits, for the coefficients after the first; empty in a table for first coefficients.
    /// </summary>
    public ulong[] Pairs { get; private set; } = [];

    /// <param name="content">The number of codes of each length, then the symbols.</param>
    /// <param name="isAc">Whether the table is for AC coefficients.</param>
    /// <param name="number">0 to <see cref="MaxTables"/> - 1.</param>
    /// <param name="length">Number of bytes read.</param>
    /// <returns>Null if it is damaged.</returns>
    public static JpegHuffmanTable? Read(ReadOnlySpan<byte> content, bool isAc, int number, out int length)
    {
        length = 0;
        if (content.Length < CountsLength)
        {
            return null;
        }

        int symbols = 0;
        foreach (byte count in content[..CountsLength])
        {
            symbols += count;
        }

        length = CountsLength + symbols;
        if (symbols > 256 || content.Length < length)
        {
            return null;
        }

        ref JpegHuffmanTable? last = ref Last[(isAc ? MaxTables : 0) + number];
        if (last is { } known && content[..length].SequenceEqual(known._content))
        {
            return known;
        }

        var table = new JpegHuffmanTable(content[..length].ToArray());
        if (!table.Build(isAc))
        {
            return null;
        }

        last = table;
        return table;
    }

    /// <summary>Reads the difference of a DC coefficient.</summary>
    /// <param name="bits">The next bits, most significant first.</param>
    /// <returns>The number of bits read; -1 if there is no such code.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadDc(ulong bits, ref int previous)
    {
        int entry = _fast[(int)(bits >> (64 - FastBits))];
        if (entry == 0)
        {
            return ReadLongDc(bits, ref previous);
        }

        previous += entry >> 16;
        return entry & 0xFF;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int ReadLongDc(ulong bits, ref int previous)
    {
        int category = Decode(bits, out int length);
        previous += category < 0 ? 0 : Value(bits, length, category);
        return category < 0 ? -1 : length + category;
    }

    /// <summary>Reads a single AC coefficient, whatever the length of its code.</summary>
    /// <param name="bits">The next bits, most significant first.</param>
    /// <param name="zeros">Number of zeros before it, or <see cref="CoefficientPair.EndOfBlock"/>.</param>
    /// <returns>The number of bits read; -1 if there is no such code.</returns>
    public int ReadAc(ulong bits, out int zeros, out int value)
    {
        int symbol = Decode(bits, out int length);
        zeros = symbol == 0 ? CoefficientPair.EndOfBlock : symbol >> 4;
        int category = symbol & 0x0F;
        value = Value(bits, length, category);
        return symbol < 0 ? -1 : length + category;
    }

    /// <summary>Finds the symbol of a code of any length.</summary>
    /// <returns>-1 if there is no such code.</returns>
    private int Decode(ulong bits, out int length)
    {
        int next = (int)(bits >> (64 - MaxBits));
        length = 1;
        while (length <= MaxBits && next >= _limit[length])
        {
            length++;
        }

        return length <= MaxBits ? _content[CountsLength + (next >> (MaxBits - length)) + _offset[length]] : -1;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private bool Build(bool isAc)
    {
        int code = 0;
        int index = 0;
        for (int length = 1; length <= MaxBits; length++)
        {
            _offset[length] = index - code;
            for (int i = 0; i < _content[length - 1]; i++)
            {
                byte symbol = _content[CountsLength + index++];
                int category = isAc ? symbol & 0x0F : symbol;
                if (code >= 1 << length || category > (isAc ? MaxAcCategory : MaxDcCategory))
                {
                    return false;
                }

                int zeros = isAc && symbol == 0 ? CoefficientPair.EndOfBlock : symbol >> 4;
                AddFast(code, length, isAc ? zeros : 0, category);
                code++;
            }

            _limit[length] = code << (MaxBits - length);
            code <<= 1;
        }

        if (isAc)
        {
            AddPairs();
        }

        return true;
    }

    private void AddFast(int code, int length, int zeros, int category)
    {
        int rest = FastBits - length - category;
        if (rest < 0)
        {
            return;
        }

        for (int bits = 0; bits < 1 << category; bits++)
        {
            int entry = (Extend(bits, category) << 16) | (zeros << 8) | (length + category);
            _fast.AsSpan(((code << category) | bits) << rest, 1 << rest).Fill(entry);
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private void AddPairs()
    {
        Pairs = new ulong[1 << FastBits];
        for (int next = 0; next < Pairs.Length; next++)
        {
            int first = _fast[next];
            int bits = first & 0xFF;
            int second = first == 0 ? 0 : _fast[(next << bits) & ((1 << FastBits) - 1)];
            bool isSecondWhole = second != 0 && bits + (second & 0xFF) <= FastBits;
            Pairs[next] = (first == 0 ? CoefficientPair.LongCode : PairOf(first, isSecondWhole ? second : 0)).Packed;
        }
    }

    private static CoefficientPair PairOf(int first, int second)
    {
        int bits = first & 0xFF;
        int zeros = (first >> 8) & 0xFF;
        if (zeros == CoefficientPair.EndOfBlock)
        {
            return new CoefficientPair(
                bits, first: 0, firstValue: 0, second: 0, secondValue: 0, advance: CoefficientPair.EndOfBlock);
        }

        int moreZeros = (second >> 8) & 0xFF;
        bool endsBlock = moreZeros == CoefficientPair.EndOfBlock;
        int next = zeros + 1;
        int advance = second == 0 ? next : next + moreZeros + (endsBlock ? 0 : 1);
        return new CoefficientPair(
            bits + (second & 0xFF), zeros, first >> 16, endsBlock ? next : next + moreZeros, second >> 16, advance);
    }

    private static int Value(ulong bits, int length, int category) =>
        Extend((int)((bits << length) >> 1 >> (63 - category)), category);

    /// <summary>Bits to value: the upper half of a category is positive (figure F.12).</summary>
    private static int Extend(int bits, int category) =>
        category > 0 && bits < 1 << (category - 1) ? bits - (1 << category) + 1 : bits;
}
