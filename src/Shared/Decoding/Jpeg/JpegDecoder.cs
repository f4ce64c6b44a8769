using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>
/// Decodes one component of baseline JPEG files, at full size or at 1/2, 1/4 or 1/8. For the other components, it reads
/// only the lengths of codes.
/// </summary>
internal static class JpegDecoder
{
    /// <param name="file">The whole file; only its end-of-image marker may be missing.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="component">The component to decode; 0 is the luma, if there is one.</param>
    /// <param name="divisor">1, 2, 4 or 8.</param>
    /// <param name="stop">Cancels the work between two rows of MCUs.</param>
    /// <returns>At most <see cref="ImageDecoder.MaxDecodedSide"/> pixels wide and high; null for a damaged
    /// file.</returns>
    /// <exception cref="OperationCanceledException">The work was canceled.</exception>
    public static GrayImage? Decode(
        ReadOnlySpan<byte> file, JpegHeader header, int component, int divisor, CancellationToken stop)
    {
        (int width, int height) = header.SizeOf(component);
        width = (width + divisor - 1) / divisor;
        height = (height + divisor - 1) / divisor;
        using var rows = new GrayRows(width, height, ImageDecoder.ReductionFactor(width, height));
        using var buffer = new DecodingBuffer(file.Length - header.ScanStart);
        var scan = new JpegScan(file[header.ScanStart..], buffer.Bytes);
        var decoder = new McuDecoder(header, component, size: 8 / divisor);
        return Decode(header.McusDown, decoder, ref scan, width, height, rows, stop) ? rows.ToImage() : null;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static bool Decode(
        int mcusDown,
        McuDecoder decoder,
        ref JpegScan scan,
        int width,
        int rowsLeft,
        GrayRows rows,
        CancellationToken stop)
    {
        byte[] strip = PixelPool.Rent(decoder.Stride * decoder.RowsOfMcu);
        try
        {
            var reader = new EntropyReader(scan.Next());
            for (int y = 0; y < mcusDown; y++)
            {
                stop.ThrowIfCancellationRequested();
                if (!decoder.DecodeRow(ref reader, ref scan, strip))
                {
                    return false;
                }

                int count = Math.Min(decoder.RowsOfMcu, rowsLeft);
                for (int i = 0; i < count; i++)
                {
                    rows.AddGray(strip.AsSpan(i * decoder.Stride, width));
                }

                rowsLeft -= count;
            }

            return true;
        }
        finally
        {
            PixelPool.Return(strip);
        }
    }
}
