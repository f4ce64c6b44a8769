using System.Runtime.CompilerServices;

namespace MnistLstm.Shared.Imaging.Png;

/// <summary>The codes of one alphabet of a deflate block (RFC 1951, section 3.2.2): most are looked up at once.</summary>
internal sealed class HuffmanTable
{
    /// <summary>Longest code, in bits.</summary>
    public const int MaxBits = 15;

    private const int FastBits = 9;
    private const int MaxSymbols = 288;
    private const int SymbolBits = 9;

    /// <summary>By the next bits of the data: length of the code and its symbol; 0 where the code is longer.</summary>
    private readonly ushort[] _fast = new ushort[1 << FastBits];

    /// <summary>How many bits that are: no more than the longest code has.</summary>
    private int _fastBits;

    // By length: the first code, how many there are, and where their symbols begin in the list by code.
    private readonly ushort[] _firstCode = new ushort[MaxBits + 1];
    private readonly ushort[] _count = new ushort[MaxBits + 1];
    private readonly ushort[] _start = new ushort[MaxBits + 1];
    private readonly ushort[] _symbols = new ushort[MaxSymbols];

    /// <param name="lengths">Bits of each symbol's code, 0 where it has none.</param>
    /// <param name="mayBeSingle">Whether an alphabet of one code of one bit, or of none, is good too.</param>
    /// <returns>Whether these are the lengths of codes of which none is another's beginning, and which leave none over.</returns>
    [MethodImpl(PixelLoop.Compilation)]
    public bool Build(ReadOnlySpan<byte> lengths, bool mayBeSingle)
    {
        Array.Clear(_count);
        foreach (byte length in lengths)
        {
            _count[length]++;
        }

        _count[0] = 0;
        int code = 0;
        int start = 0;
        Span<int> nextCode = stackalloc int[MaxBits + 1];
        for (int length = 1; length <= MaxBits; length++)
        {
            code <<= 1;
            _firstCode[length] = (ushort)code;
            _start[length] = (ushort)start;
            nextCode[length] = code;
            code += _count[length];
            start += _count[length];
            if (code > 1 << length)
            {
                return false;
            }
        }

        bool isWhole = code == 1 << MaxBits;
        if (!isWhole && !(mayBeSingle && start == _count[1] && start <= 1))
        {
            return false;
        }

        _fastBits = Math.Clamp(Array.FindLastIndex(_count, count => count > 0), 1, FastBits);
        Span<ushort> fast = _fast.AsSpan(0, 1 << _fastBits);
        fast.Clear();
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }

            int own = nextCode[length]++;
            _symbols[_start[length] + own - _firstCode[length]] = (ushort)symbol;
            if (length <= _fastBits)
            {
                ushort entry = (ushort)((length << SymbolBits) | symbol);
                for (int bits = Reverse(own, length); bits < fast.Length; bits += 1 << length)
                {
                    fast[bits] = entry;
                }
            }
        }

        return true;
    }

    /// <summary>Decodes one symbol.</summary>
    /// <param name="bits">The next bits of the data, at least <see cref="MaxBits"/>, the first one lowest.</param>
    /// <param name="length">Bits of its code.</param>
    /// <returns>The symbol, or -1 where the bits are no code.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Decode(ulong bits, out int length)
    {
        int entry = _fast[(int)bits & ((1 << _fastBits) - 1)];
        length = entry >> SymbolBits;
        return entry != 0 ? entry & ((1 << SymbolBits) - 1) : DecodeLong(bits, out length);
    }

    private int DecodeLong(ulong bits, out int length)
    {
        int code = Reverse((int)bits & ((1 << _fastBits) - 1), _fastBits);
        for (length = _fastBits + 1; length <= MaxBits; length++)
        {
            code = (code << 1) | (int)((bits >> (length - 1)) & 1);
            int index = code - _firstCode[length];
            if (index >= 0 && index < _count[length])
            {
                return _symbols[_start[length] + index];
            }
        }

        length = MaxBits;
        return -1;
    }

    private static int Reverse(int code, int length)
    {
        int reversed = 0;
        for (int i = 0; i < length; i++)
        {
            reversed = (reversed << 1) | (code & 1);
            code >>= 1;
        }

        return reversed;
    }
}
