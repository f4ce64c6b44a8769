using System.Buffers;
using System.Runtime.Intrinsics;

namespace MnistLstm.Shared.Imaging;

/// <summary>How steep a picture is: the differences of each pixel from its neighbours to the right and below.</summary>
/// <remarks>The last row and the last column, which lack one of them, are left out.</remarks>
internal static class Edges
{
    /// <summary>Counts the pixels by the larger of their two differences.</summary>
    /// <param name="histogram">[256], receives the counts.</param>
    public static void Count(GrayImage image, Span<int> histogram)
    {
        histogram.Clear();
        int pairs = image.Width - 1;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(pairs * (image.Height - 1));
        int steep = 0;
        for (int y = 0; y + 1 < image.Height; y++)
        {
            steep += FindSteepness(image.Row(y), image.Row(y + 1), buffer.AsSpan(steep, pairs));
        }

        // What is even is not in the buffer: most of a drawing.
        Levels.Count(buffer.AsSpan(0, steep), histogram);
        histogram[0] += (pairs * (image.Height - 1)) - steep;
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>
    /// The sum over all differences d of at least <paramref name="least"/> of d (a + b), where a and b are the two levels,
    /// and the sum of those d: half their quotient is the mean level along the edges.
    /// </summary>
    public static (long LevelSum, long Weight) Sum(GrayImage image, int least)
    {
        long levelSum = 0;
        long weight = 0;
        int pairs = image.Width - 1;
        for (int y = 0; y + 1 < image.Height; y++)
        {
            ReadOnlySpan<byte> row = image.Row(y);
            Add(row[..pairs], row[1..], least, ref levelSum, ref weight);
            Add(row[..pairs], image.Row(y + 1), least, ref levelSum, ref weight);
        }

        return (levelSum, weight);
    }

    /// <summary>Writes the larger difference of each pixel, without stretches that are even.</summary>
    /// <returns>How many were written.</returns>
    private static int FindSteepness(ReadOnlySpan<byte> row, ReadOnlySpan<byte> below, Span<byte> steepness)
    {
        int written = 0;
        int x = 0;
        for (; x <= steepness.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            Vector256<byte> here = Vector256.Create(row[x..]);
            Vector256<byte> larger = Vector256.Max(
                Difference(here, Vector256.Create(row[(x + 1)..])), Difference(here, Vector256.Create(below[x..])));
            larger.CopyTo(steepness[written..]);
            written += larger == Vector256<byte>.Zero ? 0 : Vector256<byte>.Count;
        }

        for (; x < steepness.Length; x++)
        {
            steepness[written++] = (byte)Math.Max(Math.Abs(row[x + 1] - row[x]), Math.Abs(below[x] - row[x]));
        }

        return written;
    }

    private static void Add(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, int least, ref long levelSum, ref long weight)
    {
        int x = 0;
        Vector256<byte> threshold = Vector256.Create((byte)least);
        for (; x <= a.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            Vector256<byte> left = Vector256.Create(a[x..]);
            Vector256<byte> right = Vector256.Create(b[x..]);
            Vector256<byte> difference = Difference(left, right);
            uint steep = Vector256.Equals(Vector256.Max(difference, threshold), difference).ExtractMostSignificantBits();
            while (steep != 0)
            {
                int i = x + int.TrailingZeroCount((int)steep);
                AddOne(a[i], b[i], ref levelSum, ref weight);
                steep &= steep - 1;
            }
        }

        for (; x < a.Length; x++)
        {
            if (Math.Abs(a[x] - b[x]) >= least)
            {
                AddOne(a[x], b[x], ref levelSum, ref weight);
            }
        }
    }

    private static void AddOne(int a, int b, ref long levelSum, ref long weight)
    {
        int difference = Math.Abs(a - b);
        levelSum += (long)difference * (a + b);
        weight += difference;
    }

    private static Vector256<byte> Difference(Vector256<byte> a, Vector256<byte> b) => Vector256.Max(a, b) - Vector256.Min(a, b);
}
