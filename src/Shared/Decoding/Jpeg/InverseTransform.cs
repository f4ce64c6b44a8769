using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>
/// The inverse cosine transform of blocks of 8x8 coefficients (ITU-T T.81, A.3.3), at full size or directly at 1/2, 1/4
/// or 1/8. A reduced size has the means of 2x2, 4x4 or all pixels, as in libjpeg.
/// </summary>
internal sealed class InverseTransform
{
    /// <summary>The level shift (A.3.1).</summary>
    private const float LevelShift = 128;

    /// <summary>Index of coefficients that do not contribute to the result.</summary>
    private const int Unwanted = 64;

    // The mean of pixels 2k and 2k + 1 holds coefficient u times c(u)/2 cos(u π/16) cos((2k + 1) u π/8). The mean of
    // pixels 4k to 4k + 3 holds it times c(u)/2 cos(u π/16) cos(u π/8) cos((2k + 1) u π/4). Pixels from the middle on
    // differ in the sign of odd u. Coefficient 4 has no weight in the first, coefficients 2, 4 and 6 none in the
    // second.
    private static readonly float[][] Full = [.. Enumerable.Range(0, 4).Select(FullWeights)];
    private static readonly float[] HalfFirst = Weights(u => Math.Cos(u * Math.PI / 8));
    private static readonly float[] HalfSecond = Weights(u => Math.Cos(3 * u * Math.PI / 8));
    private static readonly float[] Quarter = Weights(u => Math.Cos(u * Math.PI / 8) * Math.Cos(u * Math.PI / 4));

    private readonly float[] _steps = new float[64];

    /// <param name="steps">[64], zigzag: the quantization steps.</param>
    /// <param name="size">Side of a block in the result, in pixels: 8, 4, 2 or 1.</param>
    public InverseTransform(ReadOnlySpan<ushort> steps, int size)
    {
        Size = size;
        Places.AsSpan().Fill(Unwanted * BlockLanes.Count);
        for (int k = 0; k < steps.Length; k++)
        {
            int place = Zigzag[k];
            _steps[place] = steps[k];
            if (IsWanted(place >> 3) && IsWanted(place & 7))
            {
                Places[k] = (ushort)(place * BlockLanes.Count);
            }
        }
    }

    public int Size { get; }

    /// <summary>
    /// [<see cref="CoefficientPair.Places"/>], zigzag: index of each coefficient in <see
    /// cref="BlockLanes.Coefficients"/>.
    /// </summary>
    public ushort[] Places { get; } = new ushort[CoefficientPair.Places];

    private static ReadOnlySpan<byte> Zigzag =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <param name="pixels">Receives the pixels of all blocks side by side, with <paramref name="stride"/> bytes per
    /// row.</param>
    [MethodImpl(PixelLoop.Compilation)]
    public void Apply(BlockLanes blocks, Span<byte> pixels, int stride)
    {
        if (Size == 8)
        {
            ToEight(blocks, pixels, stride);
        }
        else if (Size == 4)
        {
            ToFour(blocks, pixels, stride);
        }
        else if (Size == 2)
        {
            ToTwo(blocks, pixels, stride);
        }
        else
        {
            Vector256<uint> levels = ToPixels(Flat(blocks));
            Vector128<ushort> narrow = Vector128.Narrow(levels.GetLower(), levels.GetUpper());
            Vector128.Narrow(narrow, narrow).GetLower().CopyTo(pixels);
        }
    }

    private bool IsWanted(int u) => Size switch
    {
        8 => true,
        4 => u != 4,
        2 => u is 0 or 1 or 3 or 5 or 7,
        _ => u == 0,
    };

    /// <summary>The mean level of all pixels of each block.</summary>
    private Vector256<float> Flat(BlockLanes blocks) => Coefficient(blocks, 0, 0) / 8;

    [MethodImpl(PixelLoop.Compilation)]
    private void ToEight(BlockLanes blocks, Span<byte> pixels, int stride)
    {
        // Columns first, [8, 8] vectors of eight blocks, then rows.
        Span<Vector256<float>> rows = stackalloc Vector256<float>[8 * 8];
        Span<Vector256<float>> line = stackalloc Vector256<float>[8];
        for (int u = 0; u < 8; u++)
        {
            for (int v = 0; v < 8; v++)
            {
                line[v] = Coefficient(blocks, v, u);
            }

            for (int y = 0; y < 4; y++)
            {
                (rows[(8 * y) + u], rows[(8 * (7 - y)) + u]) = Mirrored(line, Full[y]);
            }
        }

        for (int y = 0; y < 8; y++)
        {
            ReadOnlySpan<Vector256<float>> row = rows.Slice(8 * y, 8);
            Vector256<uint> left = Vector256<uint>.Zero;
            Vector256<uint> right = Vector256<uint>.Zero;
            for (int x = 0; x < 4; x++)
            {
                (Vector256<float> first, Vector256<float> last) = Mirrored(row, Full[x]);
                left |= ToPixels(first) << (8 * x);
                right |= ToPixels(last) << (8 * (3 - x));
            }

            Span<byte> eight = pixels.Slice(y * stride, 8 * BlockLanes.Count);
            (Vector256.WidenLower(left) | (Vector256.WidenLower(right) << 32)).AsByte().CopyTo(eight);
            (Vector256.WidenUpper(left) | (Vector256.WidenUpper(right) << 32)).AsByte().CopyTo(eight[32..]);
        }
    }

    /// <summary>Computes a pixel and its mirror image, which differ in the sign of odd coefficients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> First, Vector256<float> Last) Mirrored(
        ReadOnlySpan<Vector256<float>> line, float[] weights)
    {
        Vector256<float> even = Even(line[0], line[2], line[6], weights) + (line[4] * weights[4]);
        Vector256<float> odd = Odd(line[1], line[3], line[5], line[7], weights);
        return (even + odd, even - odd);
    }

    [MethodImpl(PixelLoop.Compilation)]
    private void ToFour(BlockLanes blocks, Span<byte> pixels, int stride)
    {
        Span<Vector256<float>> rows = stackalloc Vector256<float>[4 * 8];
        for (int u = 0; u < 8; u++)
        {
            if (!IsWanted(u))
            {
                continue;
            }

            Vector256<float> c0 = Coefficient(blocks, 0, u);
            Vector256<float> c1 = Coefficient(blocks, 1, u);
            Vector256<float> c2 = Coefficient(blocks, 2, u);
            Vector256<float> c3 = Coefficient(blocks, 3, u);
            Vector256<float> c5 = Coefficient(blocks, 5, u);
            Vector256<float> c6 = Coefficient(blocks, 6, u);
            Vector256<float> c7 = Coefficient(blocks, 7, u);
            Vector256<float> outerEven = Even(c0, c2, c6, HalfFirst);
            Vector256<float> innerEven = Even(c0, c2, c6, HalfSecond);
            Vector256<float> outerOdd = Odd(c1, c3, c5, c7, HalfFirst);
            Vector256<float> innerOdd = Odd(c1, c3, c5, c7, HalfSecond);
            rows[u] = outerEven + outerOdd;
            rows[8 + u] = innerEven + innerOdd;
            rows[16 + u] = innerEven - innerOdd;
            rows[24 + u] = outerEven - outerOdd;
        }

        Vector256<float> isFlat = blocks.IsFlat.AsSingle();
        Vector256<float> flat = Flat(blocks);
        for (int y = 0; y < 4; y++)
        {
            ReadOnlySpan<Vector256<float>> row = rows.Slice(8 * y, 8);
            Vector256<float> outerEven = Even(row[0], row[2], row[6], HalfFirst);
            Vector256<float> innerEven = Even(row[0], row[2], row[6], HalfSecond);
            Vector256<float> outerOdd = Odd(row[1], row[3], row[5], row[7], HalfFirst);
            Vector256<float> innerOdd = Odd(row[1], row[3], row[5], row[7], HalfSecond);
            Vector256<uint> four = ToPixels(Vector256.ConditionalSelect(isFlat, flat, outerEven + outerOdd))
                | (ToPixels(Vector256.ConditionalSelect(isFlat, flat, innerEven + innerOdd)) << 8)
                | (ToPixels(Vector256.ConditionalSelect(isFlat, flat, innerEven - innerOdd)) << 16)
                | (ToPixels(Vector256.ConditionalSelect(isFlat, flat, outerEven - outerOdd)) << 24);
            four.AsByte().CopyTo(pixels[(y * stride)..]);
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private void ToTwo(BlockLanes blocks, Span<byte> pixels, int stride)
    {
        (Vector256<float> above0, Vector256<float> below0) = TwoOfColumn(blocks, 0);
        (Vector256<float> above1, Vector256<float> below1) = TwoOfColumn(blocks, 1);
        (Vector256<float> above3, Vector256<float> below3) = TwoOfColumn(blocks, 3);
        (Vector256<float> above5, Vector256<float> below5) = TwoOfColumn(blocks, 5);
        (Vector256<float> above7, Vector256<float> below7) = TwoOfColumn(blocks, 7);
        Vector256<float> isFlat = blocks.IsFlat.AsSingle();
        Vector256<float> flat = Flat(blocks);
        WriteTwo(above0, above1 + above5 + (above3 + above7), isFlat, flat, pixels);
        WriteTwo(below0, below1 + below5 + (below3 + below7), isFlat, flat, pixels[stride..]);
    }

    /// <summary>Contribution of the coefficients u of all rows to the upper and lower pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector256<float> Above, Vector256<float> Below) TwoOfColumn(BlockLanes blocks, int u)
    {
        Vector256<float> even = Coefficient(blocks, 0, u) * Quarter[0];
        Vector256<float> odd = Odd(Coefficient(blocks, 1, u), Coefficient(blocks, 3, u), Coefficient(blocks, 5, u),
            Coefficient(blocks, 7, u), Quarter);
        return ((even + odd) * Quarter[u], (even - odd) * Quarter[u]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteTwo(
        Vector256<float> even, Vector256<float> odd, Vector256<float> isFlat, Vector256<float> flat, Span<byte> pixels)
    {
        Vector256<uint> two = ToPixels(Vector256.ConditionalSelect(isFlat, flat, even + odd))
            | (ToPixels(Vector256.ConditionalSelect(isFlat, flat, even - odd)) << 8);
        Vector128.Narrow(two.GetLower(), two.GetUpper()).AsByte().CopyTo(pixels);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Even(
        Vector256<float> c0, Vector256<float> c2, Vector256<float> c6, float[] weights) =>
        (c0 * weights[0]) + (c2 * weights[2]) + (c6 * weights[6]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Odd(
        Vector256<float> c1, Vector256<float> c3, Vector256<float> c5, Vector256<float> c7, float[] weights) =>
        (c1 * weights[1]) + (c3 * weights[3]) + (c5 * weights[5]) + (c7 * weights[7]);

    /// <summary>Coefficient u of row v of each block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Coefficient(BlockLanes blocks, int v, int u) =>
        blocks.Row((8 * v) + u) * _steps[(8 * v) + u];

    /// <returns>A pixel in the lowest byte of each lane.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ToPixels(Vector256<float> levels) => Vector256.ConvertToInt32Native(Vector256.Min(
        Vector256.Max(levels + Vector256.Create(LevelShift + 0.5f), Vector256<float>.Zero),
        Vector256.Create((float)byte.MaxValue))).AsUInt32();

    /// <summary>Pixel x of a line holds coefficient u times c(u)/2 cos((2x + 1) u π/16).</summary>
    private static float[] FullWeights(int x) =>
        [.. Enumerable.Range(0, 8)
            .Select(u => (float)((u == 0 ? Math.Sqrt(0.5) : 1) / 2 * Math.Cos(((2 * x) + 1) * u * Math.PI / 16)))];

    private static float[] Weights(Func<int, double> cosine) =>
        [.. Enumerable.Range(0, 8)
            .Select(u => (float)((u == 0 ? Math.Sqrt(0.5) : 1) / 2 * Math.Cos(u * Math.PI / 16) * cosine(u)))];
}
