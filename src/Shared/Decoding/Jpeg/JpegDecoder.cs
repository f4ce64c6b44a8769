using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>
/// Decodes the luma of baseline JPEG files at 1/2, 1/4 or 1/8 of their size: of the colors only the lengths of codes
/// are read. Everything else, and every file with anything wrong, is the image library's.
/// </summary>
internal static class JpegDecoder
{
    /// <summary>The last two bytes of a JPEG file.</summary>
    public static ReadOnlySpan<byte> EndOfFile => [0xFF, JpegScan.EndOfImage];

    /// <param name="file">The whole file; only its end-of-image marker may be missing.</param>
    /// <param name="divisor">2, 4 or 8.</param>
    /// <param name="rows">Receives the rows, of which there are height / divisor, rounded up, of width / divisor pixels.</param>
    /// <param name="stop">Ends the work between two rows of MCUs.</param>
    /// <returns>False for what is left to the library; rows may have come by then.</returns>
    public static bool TryDecode(
        ReadOnlySpan<byte> file, int divisor, GrayRows rows, CancellationToken stop = default) =>
        JpegHeader.Read(file) is { HasLuma: true } header && TryDecode(header, file, divisor, rows, stop);

    /// <summary>
    /// Whether a baseline file has all of its blocks, and all that is missing is the end-of-image marker.
    /// </summary>
    public static bool LacksOnlyEnd(ReadOnlySpan<byte> file, CancellationToken stop)
    {
        const int Divisor = 8;
        if (JpegHeader.Read(file) is not { } header)
        {
            return false;
        }

        using var rows = new GrayRows(
            ReducedSide(header.Width, Divisor), ReducedSide(header.Height, Divisor), factor: 1, hasAlpha: false);
        return TryDecode(header, file, Divisor, rows, stop);
    }

    private static bool TryDecode(
        JpegHeader header, ReadOnlySpan<byte> file, int divisor, GrayRows rows, CancellationToken stop)
    {
        using var buffer = new DecodingBuffer(file.Length - header.ScanStart);
        var scan = new JpegScan(file[header.ScanStart..], buffer.Bytes);
        return Decode(header, ref scan, divisor, rows, stop);
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static bool Decode(
        JpegHeader header, ref JpegScan scan, int divisor, GrayRows rows, CancellationToken stop)
    {
        JpegComponent luma = header.Components[0];
        int size = 8 / divisor;
        int across = (header.Width + (8 * luma.Across) - 1) / (8 * luma.Across);
        int down = (header.Height + (8 * luma.Down) - 1) / (8 * luma.Down);
        int lanes = ((across * luma.Across) + BlockLanes.Count - 1) / BlockLanes.Count;
        int stride = lanes * BlockLanes.Count * size;
        int width = ReducedSide(header.Width, divisor);
        int rowsLeft = ReducedSide(header.Height, divisor);
        byte[] strip = PixelPool.Rent(stride * luma.Down * size);
        try
        {
            var decoder = new McuDecoder(header, across, size);
            var reader = new EntropyReader(scan.Next());
            for (int y = 0; y < down; y++)
            {
                stop.ThrowIfCancellationRequested();
                if (!decoder.DecodeRow(ref reader, ref scan, strip, stride))
                {
                    return false;
                }

                for (int i = 0; i < Math.Min(luma.Down * size, rowsLeft); i++)
                {
                    rows.AddGray(strip.AsSpan(i * stride, width));
                }

                rowsLeft -= Math.Min(luma.Down * size, rowsLeft);
            }

            return reader.IsUsedUp && scan.IsOver;
        }
        finally
        {
            PixelPool.Return(strip);
        }
    }

    private static int ReducedSide(int side, int divisor) => (side + divisor - 1) / divisor;
}
