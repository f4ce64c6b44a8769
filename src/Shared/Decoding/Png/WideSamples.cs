using System.Buffers.Binary;

namespace MnistLstm.Shared.Decoding.Png;

/// <summary>
/// Makes 8 bits of samples of 16. Programs that save an array of 8-bit values as 16-bit integers leave the upper byte
/// of every sample 0: then the lower one is the value.
/// </summary>
internal static class WideSamples
{
    private const int Rgba = 4;

    /// <param name="rows">Rows of a filter byte and big-endian samples; overwritten.</param>
    /// <param name="png">Of two bytes a sample.</param>
    /// <returns>The same memory: rows of a filter byte and 8-bit samples.</returns>
    public static Span<byte> Narrow(Span<byte> rows, in PngFile png)
    {
        (int mostOfColors, int mostOfAlpha) = FindMost(rows, png);
        int colorByte = mostOfColors > byte.MaxValue ? 0 : 1;
        int alphaByte = mostOfAlpha > byte.MaxValue ? 0 : 1;
        int narrowStride = (png with { SampleBytes = 1 }).Stride;
        for (int y = 0; y < png.Height; y++)
        {
            ReadOnlySpan<byte> wide = rows.Slice((y * png.Stride) + 1, png.Stride - 1);
            Span<byte> narrow = rows.Slice((y * narrowStride) + 1, narrowStride - 1);
            for (int i = 0; i < narrow.Length; i++)
            {
                narrow[i] = wide[(2 * i) + (IsAlpha(i, png) ? alphaByte : colorByte)];
            }
        }

        return rows[..(narrowStride * png.Height)];
    }

    private static (int Colors, int Alpha) FindMost(ReadOnlySpan<byte> rows, in PngFile png)
    {
        int colors = 0;
        int alpha = 0;
        for (int y = 0; y < png.Height; y++)
        {
            ReadOnlySpan<byte> row = rows.Slice((y * png.Stride) + 1, png.Stride - 1);
            for (int i = 0; i < row.Length / 2; i++)
            {
                int sample = BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]);
                ref int most = ref IsAlpha(i, png) ? ref alpha : ref colors;
                most = Math.Max(most, sample);
            }
        }

        return (colors, alpha);
    }

    private static bool IsAlpha(int sample, in PngFile png) => png.Samples == Rgba && sample % Rgba == Rgba - 1;
}
