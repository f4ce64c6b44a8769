namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>The result of one table lookup: one or two coefficients, and whether the block ends with them.</summary>
/// <remarks>Layout from the lowest byte: bits, first, second, advance; then the two values, 16 bits each.</remarks>
internal readonly record struct CoefficientPair(ulong Packed)
{
    /// <summary>Added to the advance if the block ends.</summary>
    public const int EndOfBlock = 128;

    /// <summary>
    /// Indices that a pair may reach: the last one of a block, then two times 15 zeros and a coefficient.
    /// </summary>
    public const int Places = 64 + 32;

    private const int LongCodeAdvance = 255;

    public CoefficientPair(int bits, int first, int firstValue, int second, int secondValue, int advance)
        : this(
            (uint)(bits | (first << 8) | (second << 16) | (advance << 24)) | ((ulong)(ushort)firstValue << 32) | (
                (ulong)(ushort)secondValue << 48))
    {
    }

    /// <summary>More bits than a lookup index has.</summary>
    public static CoefficientPair LongCode =>
        new(bits: 0, first: 0, firstValue: 0, second: 0, secondValue: 0, LongCodeAdvance);

    /// <summary>Total bits of the codes and values.</summary>
    public int Bits => (byte)Packed;

    /// <summary>Number of zeros before the first coefficient.</summary>
    public nuint First => (byte)(Packed >> 8);

    /// <summary>Number of coefficients before the second, whose value is 0 if there is none.</summary>
    public nuint Second => (byte)(Packed >> 16);

    /// <summary>Number of coefficients, including the zeros.</summary>
    public nuint Advance => (byte)(Packed >> 24);

    public int FirstValue => (short)(Packed >> 32);

    public int SecondValue => (int)((long)Packed >> 48);
}
