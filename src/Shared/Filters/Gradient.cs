using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>Differences between the neighbors in each square of 2x2 pixels.</summary>
internal static class Gradient
{
    /// <summary>The sum of the gradients' lengths; outside the picture all is 0.</summary>
    public static double Sum(GrayImage image)
    {
        double sum = 0;
        byte[] outside = ArrayPool<byte>.Shared.Rent(image.Width);
        outside.AsSpan(0, image.Width).Clear();
        for (int y = -1; y < image.Height; y++)
        {
            Add(Row(y), Row(y + 1), ref sum);
        }

        ArrayPool<byte>.Shared.Return(outside);
        return sum;

        ReadOnlySpan<byte> Row(int y) => y < 0 || y == image.Height ? outside.AsSpan(0, image.Width) : image.Row(y);
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void Add(ReadOnlySpan<byte> row, ReadOnlySpan<byte> below, ref double sum)
    {
        int x = 0;
        Vector256<float> sums = Vector256<float>.Zero;
        for (; x < row.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            Vector128<byte> here = Vector128.Create(row[x..]);
            Vector128<byte> right = Vector128.Create(row[(x + 1)..]);
            Vector128<byte> down = Vector128.Create(below[x..]);
            Vector128<byte> diagonal = Vector128.Create(below[(x + 1)..]);

            // Most squares are of one level.
            if (here == right && here == down && here == diagonal)
            {
                continue;
            }

            Vector256<short> falling = Signed(diagonal) - Signed(here);
            Vector256<short> rising = Signed(right) - Signed(down);
            (Vector256<int> acrossFirst, Vector256<int> acrossSecond) = Vector256.Widen(falling + rising);
            (Vector256<int> alongFirst, Vector256<int> alongSecond) = Vector256.Widen(falling - rising);
            sums += Length(acrossFirst, alongFirst) + Length(acrossSecond, alongSecond);
        }

        sum += (Vector256.Sum(sums) / 2) + LengthOf(0, row[0], 0, below[0]);
        for (; x < row.Length; x++)
        {
            bool isLast = x + 1 == row.Length;
            sum += LengthOf(row[x], isLast ? 0 : row[x + 1], below[x], isLast ? 0 : below[x + 1]);
        }

        static Vector256<short> Signed(Vector128<byte> levels)
        {
            (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(levels);
            return Vector256.Create(lower, upper).AsInt16();
        }

        static Vector256<float> Length(Vector256<int> across, Vector256<int> along) =>
            Vector256.Sqrt(Vector256.ConvertToSingle((across * across) + (along * along)));
    }

    private static double LengthOf(int here, int right, int down, int diagonal)
    {
        int across = right - here + diagonal - down;
        int along = down - here + diagonal - right;
        return Math.Sqrt((across * across) + (along * along)) / 2;
    }
}
