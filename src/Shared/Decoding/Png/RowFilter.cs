using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Png;

/// <summary>Reverses the filters of PNG rows (W3C PNG, third edition, section 9).</summary>
internal static class RowFilter
{
    /// <summary>Bytes to copy from the row above at once.</summary>
    private const int Block = 32;

    private const int BlockOfFour = Block / 4;

    /// <param name="type">0 to 4.</param>
    /// <param name="row">The filtered row; unfiltered afterwards.</param>
    /// <param name="above">The unfiltered row above.</param>
    /// <param name="samples">Bytes per pixel, 1 to 8.</param>
    /// <returns>False if there is no such filter.</returns>
    public static bool Undo(byte type, Span<byte> row, ReadOnlySpan<byte> above, int samples)
    {
        switch (type)
        {
            case 0:
                return true;
            case 1:
                UndoSub(row, samples);
                return true;
            case 2:
                UndoUp(row, above);
                return true;
            case 3:
                UndoAverage(row, above, samples);
                return true;
            case 4 when samples == 4:
                UndoPaethOfFour(row, above);
                return true;
            case 4:
                UndoPaeth(row, above, samples);
                return true;
            default:
                return false;
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void UndoSub(Span<byte> row, int samples)
    {
        for (int i = samples; i < row.Length; i++)
        {
            row[i] += row[i - samples];
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void UndoUp(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int i = 0;
        for (; i <= row.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            (Vector256.Create<byte>(row[i..]) + Vector256.Create(above[i..])).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] += above[i];
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int samples)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i < samples ? 0 : row[i - samples];
            row[i] += (byte)((left + above[i]) >> 1);
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int samples)
    {
        for (int i = 0; i < row.Length; i++)
        {
            if (CopiesAbove(row, above, i, samples))
            {
                above.Slice(i, Block).CopyTo(row[i..]);
                i += Block - 1;
                continue;
            }

            int left = i < samples ? 0 : row[i - samples];
            int aboveLeft = i < samples ? 0 : above[i - samples];
            row[i] += (byte)Paeth(left, above[i], aboveLeft);
        }
    }

    /// <summary>
    /// Whether a block equals the row above. Its differences are then 0, and its left neighbors equal the pixels above
    /// them. So every prediction is the pixel above. This holds for most of a drawing.
    /// </summary>
    private static bool CopiesAbove(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int i, int samples)
    {
        int left = Math.Min(i, samples); // less within the first pixel
        return i <= row.Length - Block
            && Vector256.Create(row[i..]) == Vector256<byte>.Zero
            && row.Slice(i - left, left).SequenceEqual(above.Slice(i - left, left));
    }

    private static int Paeth(int left, int above, int aboveLeft)
    {
        int toLeft = Math.Abs(above - aboveLeft);
        int toAbove = Math.Abs(left - aboveLeft);
        int toAboveLeft = Math.Abs(left + above - (2 * aboveLeft));
        return toLeft <= toAbove && toLeft <= toAboveLeft ? left : toAbove <= toAboveLeft ? above : aboveLeft;
    }

    /// <summary>Processes the four samples of a pixel at once.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void UndoPaethOfFour(Span<byte> row, ReadOnlySpan<byte> above)
    {
        Span<uint> pixels = MemoryMarshal.Cast<byte, uint>(row);
        ReadOnlySpan<uint> abovePixels = MemoryMarshal.Cast<byte, uint>(above)[..pixels.Length];
        Vector128<short> left = Vector128<short>.Zero;
        Vector128<short> aboveLeft = Vector128<short>.Zero;
        for (int x = 0; x < pixels.Length; x++)
        {
            if (left == aboveLeft && x <= pixels.Length - BlockOfFour
                && Vector256.Create<uint>(pixels[x..]) == Vector256<uint>.Zero)
            {
                abovePixels.Slice(x, BlockOfFour).CopyTo(pixels[x..]);
                x += BlockOfFour - 1;
                left = Widen(pixels[x]);
                aboveLeft = left;
                continue;
            }

            Vector128<short> up = Widen(abovePixels[x]);
            Vector128<short> toLeft = Vector128.Abs(up - aboveLeft);
            Vector128<short> toAbove = Vector128.Abs(left - aboveLeft);
            Vector128<short> toAboveLeft = Vector128.Abs(left + up - aboveLeft - aboveLeft);
            Vector128<short> least = Vector128.Min(Vector128.Min(toLeft, toAbove), toAboveLeft);
            Vector128<short> predicted = Vector128.ConditionalSelect(
                Vector128.Equals(least, toLeft),
                left,
                Vector128.ConditionalSelect(Vector128.Equals(least, toAbove), up, aboveLeft));
            left = (predicted + Widen(pixels[x])) & Vector128.Create((short)0xFF);
            aboveLeft = up;
            pixels[x] = Vector128.Narrow(left.AsUInt16(), left.AsUInt16()).AsUInt32().ToScalar();
        }
    }

    private static Vector128<short> Widen(uint pixel) =>
        Vector128.WidenLower(Vector128.CreateScalar(pixel).AsByte()).AsInt16();
}
