namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>The result of one lookup: one or two coefficients, and whether the block ends with them.</summary>
/// <remarks>Bytes from the lowest: bits, first, second, advance; then the two values, 16 bits each.</remarks>
internal readonly record struct CoefficientPair(ulong Packed)
{
    /// <summary>Added to the advance where the block ends.</summary>
    public const int EndOfBlock = 128;

    /// <summary>
    /// Places that a pair may name: from the last one of a block, two times 15 zeros and a coefficient on.
    /// </summary>
    public const int Places = 64 + 32;

    private const int LongCodeAdvance = 255;

    public CoefficientPair(int bits, int first, int firstValue, int second, int secondValue, int advance)
        : this(
            (uint)(bits | (first << 8) | (second << 16) | (advance << 24)) | ((ulong)(ushort)firstValue << 32) | (
                (ulong)(ushort)secondValue << 48))
    {
    }

    /// <summary>More bits than one look has.</summary>
    public static CoefficientPair LongCode =>
        new(bits: 0, first: 0, firstValue: 0, second: 0, secondValue: 0, LongCodeAdvance);

    /// <summary>Bits of the codes and values together.</summary>
    public int Bits => (byte)Packed;

    /// <summary>Zeros before the first coefficient.</summary>
    public nuint First => (byte)(Packed >> 8);

    /// <summary>Coefficients before the second; where there is none, its value is 0.</summary>
    public nuint Second => (byte)(Packed >> 16);

    /// <summary>How many coefficients there are, with the zeros.</summary>
    public nuint Advance => (byte)(Packed >> 24);

    public int FirstValue => (short)(Packed >> 32);

    public int SecondValue => (int)((long)Packed >> 48);
}
