namespace MnistLstm.Shared.Imaging.Jpeg;

/// <summary>
/// A Huffman table of a JPEG file (ITU-T T.81, annexes C and F.2.2). Most coefficients are found with one look: the code, how many
/// zeros come before the coefficient, and its value.
/// </summary>
internal sealed class JpegHuffmanTable
{
    /// <summary>Bits of one look.</summary>
    public const int FastBits = 11;

    /// <summary>Longest code.</summary>
    public const int MaxBits = 16;

    /// <summary>Zeros before the coefficient where there is none any more.</summary>
    public const int EndOfBlock = 128;

    private const int CountsLength = MaxBits;
    private const int MaxDcCategory = 11;
    private const int MaxAcCategory = 10;

    // By length: what a code is at most, left-aligned, and the difference between codes and places in the list of symbols.
    private readonly int[] _limit = new int[MaxBits + 2];
    private readonly int[] _offset = new int[MaxBits + 1];
    private readonly byte[] _symbols;

    private JpegHuffmanTable(byte[] symbols) => _symbols = symbols;

    /// <summary>
    /// By the next bits: value of the coefficient in the upper half, then the zeros before it, then the bits of code and value
    /// together; 0 where they are more than one look has.
    /// </summary>
    public int[] Fast { get; } = new int[1 << FastBits];

    /// <param name="content">Counts of the codes by length, then the symbols.</param>
    /// <param name="length">Bytes that were read.</param>
    /// <returns>Null where it is damaged.</returns>
    public static JpegHuffmanTable? Read(ReadOnlySpan<byte> content, bool isAc, out int length)
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

        var table = new JpegHuffmanTable(content[CountsLength..length].ToArray());
        return table.Build(content[..CountsLength], isAc) ? table : null;
    }

    /// <summary>Finds the symbol of a code of any length.</summary>
    /// <param name="next16">The next 16 bits.</param>
    /// <returns>-1 where there is no such code.</returns>
    public int Decode(int next16, out int length)
    {
        length = 1;
        while (length <= MaxBits && next16 >= _limit[length])
        {
            length++;
        }

        return length <= MaxBits ? _symbols[(next16 >> (MaxBits - length)) + _offset[length]] : -1;
    }

    private bool Build(ReadOnlySpan<byte> counts, bool isAc)
    {
        int code = 0;
        int index = 0;
        for (int length = 1; length <= MaxBits; length++)
        {
            _offset[length] = index - code;
            for (int i = 0; i < counts[length - 1]; i++)
            {
                byte symbol = _symbols[index++];
                int category = isAc ? symbol & 0x0F : symbol;
                if (code >= 1 << length || category > (isAc ? MaxAcCategory : MaxDcCategory))
                {
                    return false;
                }

                AddFast(code, length, isAc ? symbol >> 4 : 0, category, isEnd: isAc && symbol == 0);
                code++;
            }

            _limit[length] = code << (MaxBits - length);
            code <<= 1;
        }

        return true;
    }

    private void AddFast(int code, int length, int zeros, int category, bool isEnd)
    {
        int rest = FastBits - length - category;
        if (rest < 0)
        {
            return;
        }

        for (int bits = 0; bits < 1 << category; bits++)
        {
            int entry = (Extend(bits, category) << 16) | ((isEnd ? EndOfBlock : zeros) << 8) | (length + category);
            Fast.AsSpan(((code << category) | bits) << rest, 1 << rest).Fill(entry);
        }
    }

    /// <summary>Bits to value: the upper half of a category is positive (figure F.12).</summary>
    public static int Extend(int bits, int category) =>
        category > 0 && bits < 1 << (category - 1) ? bits - (1 << category) + 1 : bits;
}
