using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MnistLstm.Shared.Imaging.Png;

/// <summary>The checksum of zlib data (RFC 1950, section 8.2): the sum of all bytes, and the sum of those sums.</summary>
internal static class Adler32
{
    private const uint Modulus = 65521;

    /// <summary>Bytes after which the sums still fit in 32 bits, in whole vectors.</summary>
    private const int MaxBytes = 5552 / 32 * 32;

    /// <summary>How often each byte of a block of 32 is in the sum of sums.</summary>
    private static readonly Vector256<ushort> FirstWeights = Vector256.Create((ushort)32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17);
    private static readonly Vector256<ushort> SecondWeights = Vector256.Create((ushort)16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);

    public static uint Of(ReadOnlySpan<byte> data)
    {
        uint sum = 1;
        uint sumOfSums = 0;
        while (data.Length >= Vector256<byte>.Count)
        {
            int length = Math.Min(data.Length, MaxBytes) / Vector256<byte>.Count * Vector256<byte>.Count;
            AddBlocks(data[..length], ref sum, ref sumOfSums);
            data = data[length..];
        }

        foreach (byte value in data)
        {
            sum += value;
            sumOfSums += sum;
        }

        return ((sumOfSums % Modulus) << 16) | (sum % Modulus);
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void AddBlocks(ReadOnlySpan<byte> data, ref uint sum, ref uint sumOfSums)
    {
        Vector256<uint> sums = Vector256<uint>.Zero;
        Vector256<uint> sumsBefore = Vector256<uint>.Zero;
        Vector256<uint> weighted = Vector256<uint>.Zero;
        for (int i = 0; i < data.Length; i += Vector256<byte>.Count)
        {
            Vector256<byte> block = Vector256.Create(data[i..]);
            sumsBefore += sums;
            if (block == Vector256<byte>.Zero)
            {
                continue;
            }

            (Vector256<ushort> first, Vector256<ushort> second) = Vector256.Widen(block);
            sums += Pairs(first + second);
            weighted += Pairs((first * FirstWeights) + (second * SecondWeights));
        }

        sumOfSums += (sum * (uint)data.Length) + (Vector256.Sum(sumsBefore) * (uint)Vector256<byte>.Count) + Vector256.Sum(weighted);
        sumOfSums %= Modulus;
        sum = (sum + Vector256.Sum(sums)) % Modulus;

        // Neighbouring lanes added up.
        static Vector256<uint> Pairs(Vector256<ushort> values) => (values.AsUInt32() & Vector256.Create(0xFFFFu)) + (values.AsUInt32() >> 16);
    }
}
