using System.Runtime.CompilerServices;

namespace MnistLstm.Shared.Imaging.Jpeg;

/// <summary>
/// Decodes the luma of baseline JPEG files at 1/2, 1/4 or 1/8 of their size: of the colours only the lengths of codes are read.
/// Everything else, and every file with anything wrong, is the image library's.
/// </summary>
internal static class JpegDecoder
{
    private const byte EndOfImage = 0xD9;

    /// <param name="file">The whole file.</param>
    /// <param name="divisor">2, 4 or 8.</param>
    /// <param name="rows">Receives the rows, of which there are height / divisor, rounded up, of width / divisor pixels.</param>
    /// <returns>False for what is left to the library; rows may have come by then.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> file, int divisor, GrayRows rows)
    {
        if (JpegHeader.Read(file) is not { } header)
        {
            return false;
        }

        // Bytes of 0xFF are followed by 0 in the data, which is taken out for all of it at once.
        using var buffer = new DecodingBuffer(file.Length - header.ScanStart);
        ReadOnlySpan<byte> data = buffer.Bytes[..Unstuff(file[header.ScanStart..], buffer.Bytes)];
        return data.Length > 0 && Decode(header, data, divisor, rows);
    }

    /// <summary>Copies the data up to the end of the image.</summary>
    /// <returns>The length of the copy; 0 where anything else ends it.</returns>
    [MethodImpl(PixelLoop.Compilation)]
    private static int Unstuff(ReadOnlySpan<byte> scan, Span<byte> copy)
    {
        int length = 0;
        while (true)
        {
            int marker = scan.IndexOf((byte)0xFF);
            if (marker < 0 || marker + 1 >= scan.Length)
            {
                return 0;
            }

            byte code = scan[marker + 1];
            int count = code == 0 ? marker + 1 : marker;
            scan[..count].CopyTo(copy[length..]);
            length += count;
            if (code != 0)
            {
                return code == EndOfImage ? length : 0;
            }

            scan = scan[(marker + 2)..];
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static bool Decode(JpegHeader header, ReadOnlySpan<byte> data, int divisor, GrayRows rows)
    {
        JpegComponent luma = header.Components[0];
        int size = 8 / divisor;
        int across = (header.Width + (8 * luma.Across) - 1) / (8 * luma.Across);
        int down = (header.Height + (8 * luma.Down) - 1) / (8 * luma.Down);
        int lanes = ((across * luma.Across) + BlockLanes.Count - 1) / BlockLanes.Count;
        int stride = lanes * BlockLanes.Count * size;
        int width = (header.Width + divisor - 1) / divisor;
        int rowsLeft = (header.Height + divisor - 1) / divisor;
        byte[] strip = PixelPool.Rent(stride * luma.Down * size);
        try
        {
            var decoder = new McuDecoder(header, across, size);
            var reader = new EntropyReader(data);
            for (int y = 0; y < down; y++)
            {
                if (!decoder.DecodeRow(ref reader, strip, stride))
                {
                    return false;
                }

                for (int i = 0; i < Math.Min(luma.Down * size, rowsLeft); i++)
                {
                    rows.AddGray(strip.AsSpan(i * stride, width));
                }

                rowsLeft -= Math.Min(luma.Down * size, rowsLeft);
            }

            return reader.IsUsedUp;
        }
        finally
        {
            PixelPool.Return(strip);
        }
    }
}
