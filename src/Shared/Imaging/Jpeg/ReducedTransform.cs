using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MnistLstm.Shared.Imaging.Jpeg;

/// <summary>
/// From the coefficients of a block of 8x8 pixels straight to its pixels at 1/2, 1/4 or 1/8 of the size: the means of squares of
/// 2x2, 4x4 or all pixels of the inverse cosine transform (ITU-T T.81, A.3.3), as libjpeg has it.
/// </summary>
internal static class ReducedTransform
{
    /// <summary>Added to all pixels (A.3.1).</summary>
    private const float LevelShift = 128;

    // The mean of pixels 2k and 2k + 1 holds coefficient u times c(u)/2 cos(u π/16) cos((2k + 1) u π/8); that of pixels 4k to 4k + 3
    // holds it times c(u)/2 cos(u π/16) cos(u π/8) cos((2k + 1) u π/4). Pixels from the middle on differ in the sign of odd u.
    private static readonly Vector256<float> HalfFirst = Weights(u => Math.Cos(u * Math.PI / 8));
    private static readonly Vector256<float> HalfSecond = Weights(u => Math.Cos(3 * u * Math.PI / 8));
    private static readonly Vector256<float> Quarter = Weights(u => Math.Cos(u * Math.PI / 8) * Math.Cos(u * Math.PI / 4));
    private static readonly Vector256<float> OddNegative = Vector256.Create(1f, -1, 1, -1, 1, -1, 1, -1);

    /// <summary>What coefficient u of a row adds to each of four pixels.</summary>
    private static readonly Vector128<float>[] FourOf =
    [
        .. Enumerable.Range(0, 8).Select(u => Vector128.Create(
            HalfFirst[u], HalfSecond[u], HalfSecond[u] * OddNegative[u], HalfFirst[u] * OddNegative[u])),
    ];

    /// <param name="block">[8, 8] coefficients, the first one in the corner.</param>
    /// <param name="isFlat">Whether all others are 0.</param>
    /// <param name="size">Pixels of a side: 4, 2 or 1.</param>
    /// <param name="pixels">Receives them, a row every <paramref name="stride"/>.</param>
    public static void Apply(ReadOnlySpan<float> block, bool isFlat, int size, Span<byte> pixels, int stride)
    {
        if (isFlat || size == 1)
        {
            byte level = ToPixel(block[0] / 8);
            for (int y = 0; y < size; y++)
            {
                pixels.Slice(y * stride, size).Fill(level);
            }
        }
        else if (size == 2)
        {
            ToTwo(block, pixels, stride);
        }
        else
        {
            ToFour(block, pixels, stride);
        }
    }

    private static void ToFour(ReadOnlySpan<float> block, Span<byte> pixels, int stride)
    {
        Vector256<float> outerEven = (Row(block, 0) * HalfFirst[0]) + (Row(block, 2) * HalfFirst[2]) + (Row(block, 6) * HalfFirst[6]);
        Vector256<float> innerEven = (Row(block, 0) * HalfSecond[0]) + (Row(block, 2) * HalfSecond[2]) + (Row(block, 6) * HalfSecond[6]);
        Vector256<float> outerOdd = (Row(block, 1) * HalfFirst[1]) + (Row(block, 3) * HalfFirst[3])
            + (Row(block, 5) * HalfFirst[5]) + (Row(block, 7) * HalfFirst[7]);
        Vector256<float> innerOdd = (Row(block, 1) * HalfSecond[1]) + (Row(block, 3) * HalfSecond[3])
            + (Row(block, 5) * HalfSecond[5]) + (Row(block, 7) * HalfSecond[7]);
        FourAcross(outerEven + outerOdd, pixels);
        FourAcross(innerEven + innerOdd, pixels[stride..]);
        FourAcross(innerEven - innerOdd, pixels[(2 * stride)..]);
        FourAcross(outerEven - outerOdd, pixels[(3 * stride)..]);
    }

    private static void FourAcross(Vector256<float> row, Span<byte> pixels)
    {
        // Two halves of the sum that do not wait for each other.
        Vector128<float> low = row.GetLower();
        Vector128<float> high = row.GetUpper();
        Vector128<float> even = (Vector128.Shuffle(low, Vector128.Create(0)) * FourOf[0])
            + (Vector128.Shuffle(low, Vector128.Create(2)) * FourOf[2])
            + (Vector128.Shuffle(high, Vector128.Create(2)) * FourOf[6]);
        Vector128<float> odd = (Vector128.Shuffle(low, Vector128.Create(1)) * FourOf[1])
            + (Vector128.Shuffle(low, Vector128.Create(3)) * FourOf[3])
            + (Vector128.Shuffle(high, Vector128.Create(1)) * FourOf[5])
            + (Vector128.Shuffle(high, Vector128.Create(3)) * FourOf[7]);
        BinaryPrimitives.WriteUInt32LittleEndian(pixels, ToPixels(even + odd));
    }

    /// <returns>Four pixels, the first one lowest.</returns>
    private static uint ToPixels(Vector128<float> levels)
    {
        levels = Vector128.Min(
            Vector128.Max(levels + Vector128.Create(LevelShift + 0.5f), Vector128<float>.Zero), Vector128.Create((float)byte.MaxValue));
        Vector128<ushort> narrow = Vector128.Narrow(Vector128.ConvertToInt32Native(levels).AsUInt32(), Vector128<uint>.Zero);
        return Vector128.Narrow(narrow, narrow).AsUInt32().ToScalar();
    }

    private static void ToTwo(ReadOnlySpan<float> block, Span<byte> pixels, int stride)
    {
        Vector256<float> even = Row(block, 0) * Quarter[0];
        Vector256<float> odd = (Row(block, 1) * Quarter[1]) + (Row(block, 3) * Quarter[3]) + (Row(block, 5) * Quarter[5]) + (Row(block, 7) * Quarter[7]);
        Vector256<float> upper = (even + odd) * Quarter;
        Vector256<float> lower = (even - odd) * Quarter;

        // Sums of the even and of the odd products of either row, side by side: the left pixel is both, the right one their difference.
        Vector128<float> above = upper.GetLower() + upper.GetUpper();
        Vector128<float> below = lower.GetLower() + lower.GetUpper();
        above += Vector128.Shuffle(above, Vector128.Create(2, 3, 0, 1));
        below += Vector128.Shuffle(below, Vector128.Create(2, 3, 0, 1));
        Vector128<float> evens = Vector128.Create(above.GetElement(0), above.GetElement(0), below.GetElement(0), below.GetElement(0));
        Vector128<float> odds = Vector128.Create(above.GetElement(1), above.GetElement(1), below.GetElement(1), below.GetElement(1));
        uint levels = ToPixels(evens + (odds * OddNegative.GetLower()));
        BinaryPrimitives.WriteUInt16LittleEndian(pixels, (ushort)levels);
        BinaryPrimitives.WriteUInt16LittleEndian(pixels[stride..], (ushort)(levels >> 16));
    }

    private static Vector256<float> Row(ReadOnlySpan<float> block, int u) =>
        Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(block), (nuint)(u * 8));

    private static byte ToPixel(float level) => (byte)Math.Clamp(level + LevelShift + 0.5f, 0, byte.MaxValue);

    private static Vector256<float> Weights(Func<int, double> cosine)
    {
        Span<float> weights = stackalloc float[8];
        for (int u = 0; u < weights.Length; u++)
        {
            weights[u] = (float)((u == 0 ? Math.Sqrt(0.5) : 1) / 2 * Math.Cos(u * Math.PI / 16) * cosine(u));
        }

        return Vector256.Create<float>(weights);
    }
}
