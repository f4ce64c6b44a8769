using System.Buffers.Binary;
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
        using GrayImage aside = Transposed(source);          // [W, H]
        using GrayImage narrowAside = ScaleRows(aside, width);
        using GrayImage narrow = Transposed(narrowAside);
        return ScaleRows(narrow, height);
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
        int x = 0;
        for (; x <= row.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
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

        for (; x < row.Length; x++)
        {
            row[x] = share.Of(rows, x, step: row.Length);
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

    /// <summary>Transposes [H, W] → [W, H], 8x8 pixels at once, with each row of 8 in one 64-bit number.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static GrayImage Transposed(GrayImage source)
    {
        const int Side = 8;
        var transposed = new GrayImage(source.Height, source.Width);
        ReadOnlySpan<byte> from = source.Pixels;
        Span<byte> to = transposed.Pixels;
        int wholeWidth = source.Width / Side * Side;
        int wholeHeight = source.Height / Side * Side;
        for (int y = 0; y < wholeHeight; y += Side)
        {
            for (int x = 0; x < wholeWidth; x += Side)
            {
                Transpose(from[((y * source.Width) + x)..], source.Width, to[((x * source.Height) + y)..],
                    source.Height);
            }
        }

        for (int y = 0; y < source.Height; y++)
        {
            for (int x = y < wholeHeight ? wholeWidth : 0; x < source.Width; x++)
            {
                to[(x * source.Height) + y] = from[(y * source.Width) + x];
            }
        }

        return transposed;
    }

    /// <summary>
    /// Swaps the off-diagonal quarters, then those of each quarter, and so on (Warren, "Hacker's Delight", 7-3).
    /// </summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void Transpose(ReadOnlySpan<byte> from, int fromStep, Span<byte> to, int toStep)
    {
        ulong a = Read(from, 0);
        ulong b = Read(from, fromStep);
        ulong c = Read(from, 2 * fromStep);
        ulong d = Read(from, 3 * fromStep);
        ulong e = Read(from, 4 * fromStep);
        ulong f = Read(from, 5 * fromStep);
        ulong g = Read(from, 6 * fromStep);
        ulong h = Read(from, 7 * fromStep);
        Swap(ref a, ref e, 32, 0x00000000FFFFFFFF);
        Swap(ref b, ref f, 32, 0x00000000FFFFFFFF);
        Swap(ref c, ref g, 32, 0x00000000FFFFFFFF);
        Swap(ref d, ref h, 32, 0x00000000FFFFFFFF);
        Swap(ref a, ref c, 16, 0x0000FFFF0000FFFF);
        Swap(ref b, ref d, 16, 0x0000FFFF0000FFFF);
        Swap(ref e, ref g, 16, 0x0000FFFF0000FFFF);
        Swap(ref f, ref h, 16, 0x0000FFFF0000FFFF);
        Swap(ref a, ref b, 8, 0x00FF00FF00FF00FF);
        Swap(ref c, ref d, 8, 0x00FF00FF00FF00FF);
        Swap(ref e, ref f, 8, 0x00FF00FF00FF00FF);
        Swap(ref g, ref h, 8, 0x00FF00FF00FF00FF);
        Write(to, 0, a);
        Write(to, toStep, b);
        Write(to, 2 * toStep, c);
        Write(to, 3 * toStep, d);
        Write(to, 4 * toStep, e);
        Write(to, 5 * toStep, f);
        Write(to, 6 * toStep, g);
        Write(to, 7 * toStep, h);

        static ulong Read(ReadOnlySpan<byte> pixels, int at) => BinaryPrimitives.ReadUInt64LittleEndian(pixels[at..]);

        static void Write(Span<byte> pixels, int at, ulong row) =>
            BinaryPrimitives.WriteUInt64LittleEndian(pixels[at..], row);

        static void Swap(ref ulong above, ref ulong below, int shift, ulong low)
        {
            ulong changed = ((above >> shift) ^ below) & low;
            below ^= changed;
            above ^= changed << shift;
        }
    }

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
