using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>Vectorized sums and counts of gray levels.</summary>
internal static class PixelStatistics
{
    public static long Sum(ReadOnlySpan<byte> levels) => SumOfClamped(levels, byte.MinValue, byte.MaxValue);

    /// <summary>The sum of all levels, each clamped to a range.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public static long SumOfClamped(ReadOnlySpan<byte> levels, byte lowest, byte highest)
    {
        Vector256<byte> low = Vector256.Create(lowest);
        Vector256<byte> high = Vector256.Create(highest);
        long sum = 0;
        while (levels.Length >= Vector256<byte>.Count)
        {
            // Two levels a step add up in each lane of 16 bits.
            int steps = Math.Min(levels.Length / Vector256<byte>.Count, ushort.MaxValue / (2 * byte.MaxValue));
            Vector256<ushort> sums = Vector256<ushort>.Zero;
            for (int i = 0; i < steps; i++)
            {
                Vector256<byte> clamped = Vector256.Min(Vector256.Max(Vector256.Create(levels), low), high);
                (Vector256<ushort> first, Vector256<ushort> second) = Vector256.Widen(clamped);
                sums += first + second;
                levels = levels[Vector256<byte>.Count..];
            }

            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(sums);
            sum += Vector256.Sum(lower + upper);
        }

        foreach (byte level in levels)
        {
            sum += Math.Min(Math.Max(level, lowest), highest);
        }

        return sum;
    }

    /// <summary>The number of levels in a range.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public static int CountBetween(ReadOnlySpan<byte> levels, byte lowest, byte highest)
    {
        Vector256<byte> low = Vector256.Create(lowest);
        Vector256<byte> high = Vector256.Create(highest);
        int count = 0;
        while (levels.Length >= Vector256<byte>.Count)
        {
            Vector256<byte> here = Vector256.Create(levels);
            Vector256<byte> inside = Vector256.Equals(here, Vector256.Min(Vector256.Max(here, low), high));
            count += int.PopCount((int)inside.ExtractMostSignificantBits());
            levels = levels[Vector256<byte>.Count..];
        }

        foreach (byte level in levels)
        {
            count += level >= lowest && level <= highest ? 1 : 0;
        }

        return count;
    }

    /// <summary>Adds the levels to a histogram with 256 entries.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public static void Count(ReadOnlySpan<byte> levels, Span<int> histogram)
    {
        // Neighbors are often equal, and incrementing the same counter twice in a row stalls.
        Span<int> second = stackalloc int[256];
        Span<int> third = stackalloc int[256];
        Span<int> fourth = stackalloc int[256];
        second.Clear();
        third.Clear();
        fourth.Clear();
        histogram = histogram[..256];
        while (levels.Length >= 4)
        {
            histogram[levels[0]]++;
            second[levels[1]]++;
            third[levels[2]]++;
            fourth[levels[3]]++;
            levels = levels[4..];
        }

        foreach (byte level in levels)
        {
            histogram[level]++;
        }

        TensorPrimitives.Add(histogram, second, histogram);
        TensorPrimitives.Add(third, fourth, third);
        TensorPrimitives.Add(histogram, third, histogram);
    }

    /// <summary>Inverts the picture.</summary>
    public static void Invert(Span<byte> levels) => TensorPrimitives.OnesComplement(levels, levels);

    /// <summary>The highest level that at least this many pixels of the histogram reach.</summary>
    public static int FromTop(ReadOnlySpan<int> histogram, int count)
    {
        int level = histogram.Length;
        int seen = 0;
        while (level > 0 && seen < count)
        {
            seen += histogram[--level];
        }

        return level;
    }
}
