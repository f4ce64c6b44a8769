using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>Scales a picture to any size: by area average where it shrinks, linearly where it grows.</summary>
internal static class Scaling
{
    /// <param name="width">W of the result, in pixels.</param>
    /// <param name="height">H of the result, in pixels.</param>
    public static GrayImage To(GrayImage source, int width, int height)
    {
        using GrayImage low = ScaleRows(source, height);
        using GrayImage lowAside = Transposition.Of(low);    // [source's W, H]
        using GrayImage aside = ScaleRows(lowAside, width);  // [W, H]
        return Transposition.Of(aside);
    }

    /// <summary>Scales a picture to another number of rows.</summary>
    private static GrayImage ScaleRows(GrayImage source, int height)
    {
        var scaled = new GrayImage(source.Width, height);
        for (int y = 0; y < height; y++)
        {
            ScaleRow(source, new Share(source.Height, height, y), scaled.Row(y));
        }

        return scaled;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void ScaleRow(GrayImage source, in Share share, Span<byte> row)
    {
        ReadOnlySpan<byte> rows = source.Pixels[(share.First * row.Length)..];
        int count = share.Last - share.First;
        if (row.Length < Vector128<byte>.Count)
        {
            for (int x = 0; x < row.Length; x++)
            {
                row[x] = share.Of(rows, x, step: row.Length);
            }

            return;
        }

        for (int start = 0; start < row.Length; start += Vector128<byte>.Count)
        {
            // The last ones of a row are computed twice in part.
            int x = Math.Min(start, row.Length - Vector128<byte>.Count);
            int at = x;
            (Vector256<float> first, Vector256<float> second) = Load(rows[at..]);
            first *= share.FirstWeight;
            second *= share.FirstWeight;
            for (int i = 1; i < count; i++)
            {
                at += row.Length;
                (Vector256<float> nextFirst, Vector256<float> nextSecond) = Load(rows[at..]);
                first += nextFirst;
                second += nextSecond;
            }

            if (count > 0)
            {
                (Vector256<float> lastFirst, Vector256<float> lastSecond) = Load(rows[(at + row.Length)..]);
                first += lastFirst * share.LastWeight;
                second += lastSecond * share.LastWeight;
            }

            Vector256<short> rounded = Vector256.Narrow(Round(first / share.Sum), Round(second / share.Sum));
            Vector128.Narrow(rounded.GetLower().AsUInt16(), rounded.GetUpper().AsUInt16()).CopyTo(row[x..]);
        }
    }

    private static (Vector256<float> First, Vector256<float> Second) Load(ReadOnlySpan<byte> pixels)
    {
        (Vector128<ushort> first, Vector128<ushort> second) = Vector128.Widen(Vector128.Create(pixels));
        return (ToFloat(first), ToFloat(second));

        static Vector256<float> ToFloat(Vector128<ushort> values)
        {
            (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(values);
            return Vector256.ConvertToSingle(Vector256.Create(lower, upper).AsInt32());
        }
    }

    private static Vector256<int> Round(Vector256<float> values) => Vector256.ConvertToInt32(Vector256.Min(
        Vector256.Max(values + Vector256.Create(0.5f), Vector256<float>.Zero), Vector256.Create((float)byte.MaxValue)));

    /// <summary>
    /// The pixels of a line that make up one pixel of the scaled line, all with full weight except the first and the
    /// last.
    /// </summary>
    private readonly struct Share
    {
        /// <param name="count">Pixels of the line.</param>
        /// <param name="scaledCount">Pixels of the scaled line.</param>
        /// <param name="index">Index of the scaled pixel.</param>
        public Share(int count, int scaledCount, int index)
        {
            float length = (float)count / scaledCount;
            if (length >= 1)
            {
                float start = index * length;
                float end = start + length;
                First = (int)start;
                Last = Math.Clamp((int)MathF.Ceiling(end) - 1, First, count - 1);
                FirstWeight = First == Last ? length : First + 1 - start;
                LastWeight = end - Last;
                Sum = length;
                return;
            }

            float center = Math.Clamp(((index + 0.5f) * length) - 0.5f, 0, count - 1);
            First = (int)center;
            Last = Math.Min(First + 1, count - 1);
            LastWeight = center - First;
            FirstWeight = First == Last ? 1 : 1 - LastWeight;
            Sum = 1;
        }

        public int First { get; }

        public int Last { get; }

        public float FirstWeight { get; }

        public float LastWeight { get; }

        /// <summary>The sum of all weights.</summary>
        public float Sum { get; }

        /// <summary>The weighted mean of pixels that are a step apart.</summary>
        /// <param name="pixels">The pixels from the first row.</param>
        public byte Of(ReadOnlySpan<byte> pixels, int start, int step)
        {
            float sum = FirstWeight * pixels[start];
            int count = Last - First;
            for (int i = 1; i < count; i++)
            {
                sum += pixels[start + (i * step)];
            }

            if (count > 0)
            {
                sum += LastWeight * pixels[start + (count * step)];
            }

            return (byte)Math.Clamp((sum / Sum) + 0.5f, 0, byte.MaxValue);
        }
    }
}
