using System.Buffers;
using System.Runtime.CompilerServices;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding;

/// <summary>
/// Builds a <see cref="GrayImage"/> from the colors of rows. Ink and paper of the same <see cref="Luma"/> differ in Cb
/// and Cr (Rec. ITU-R BT.601), and most along the principal axis of all pixels in that plane.
/// </summary>
internal sealed class ColorRows : IPixelRows
{
    /// <summary>Cb and Cr of gray, and the mean of all pixels in the result.</summary>
    private const int Middle = 128;

    private readonly int _width;
    private readonly byte[] _cbRow;
    private readonly byte[] _crRow;
    private readonly BlockAverage _cb;
    private readonly BlockAverage _cr;

    /// <param name="width">Width of the rows, in pixels.</param>
    /// <param name="height">Number of rows.</param>
    /// <param name="factor">Each block of factor x factor pixels becomes one pixel.</param>
    public ColorRows(int width, int height, int factor)
    {
        _width = width;
        _cbRow = ArrayPool<byte>.Shared.Rent(width);
        _crRow = ArrayPool<byte>.Shared.Rent(width);
        _cb = new BlockAverage(width, height, factor);
        _cr = new BlockAverage(width, height, factor);
    }

    public void AddGray(ReadOnlySpan<byte> row)
    {
        _cbRow.AsSpan(0, _width).Fill(Middle);
        _cb.Add(_cbRow.AsSpan(0, _width));
        _cr.Add(_cbRow.AsSpan(0, _width));
    }

    [MethodImpl(PixelLoop.Compilation)]
    public void AddRgba(ReadOnlySpan<byte> rgba)
    {
        Span<byte> cb = _cbRow.AsSpan(0, _width);
        Span<byte> cr = _crRow.AsSpan(0, _width);
        for (int x = 0; x < cb.Length; x++)
        {
            int red = rgba[4 * x];
            int green = rgba[(4 * x) + 1];
            int blue = rgba[(4 * x) + 2];
            int alpha = rgba[(4 * x) + 3];

            // In 1/256: -0.169 R - 0.331 G + 0.5 B, and 0.5 R - 0.419 G - 0.081 B; at most 127 to either side.
            // A transparent pixel has no color.
            cb[x] = (byte)(Middle + (((-43 * red) - (84 * green) + (127 * blue)) * alpha / byte.MaxValue >> 8));
            cr[x] = (byte)(Middle + (((127 * red) - (106 * green) - (21 * blue)) * alpha / byte.MaxValue >> 8));
        }

        _cb.Add(cb);
        _cr.Add(cr);
    }

    /// <summary>The picture after the last row; the caller disposes of it.</summary>
    public GrayImage ToImage()
    {
        using GrayImage cb = _cb.ToImage();
        using GrayImage cr = _cr.ToImage();
        return AlongPrincipalAxis(cb, cr);
    }

    /// <summary>Projects Cb and Cr, two pictures of the same size, onto the axis of their largest variance.</summary>
    public static GrayImage AlongPrincipalAxis(GrayImage cbImage, GrayImage crImage)
    {
        var image = new GrayImage(cbImage.Width, cbImage.Height);
        Span<byte> pixels = image.Pixels;
        ReadOnlySpan<byte> cb = cbImage.Pixels;
        ReadOnlySpan<byte> cr = crImage.Pixels;
        double meanCb = (double)PixelStatistics.Sum(cb) / cb.Length;
        double meanCr = (double)PixelStatistics.Sum(cr) / cr.Length;
        double angle = PrincipalAngle(cb, meanCb, cr, meanCr);
        (double sin, double cos) = Math.SinCos(angle);
        for (int i = 0; i < pixels.Length; i++)
        {
            double along = (cos * (cb[i] - meanCb)) + (sin * (cr[i] - meanCr));
            pixels[i] = (byte)Math.Clamp(Math.Round(Middle + along), byte.MinValue, byte.MaxValue);
        }

        return image;
    }

    public void Dispose()
    {
        _cb.Dispose();
        _cr.Dispose();
        ArrayPool<byte>.Shared.Return(_cbRow);
        ArrayPool<byte>.Shared.Return(_crRow);
    }

    /// <summary>
    /// Angle of the axis with the largest variance in a plane: half the angle of (variance difference, 2 covariance).
    /// </summary>
    private static double PrincipalAngle(ReadOnlySpan<byte> cb, double meanCb, ReadOnlySpan<byte> cr, double meanCr)
    {
        double difference = 0;
        double covariance = 0;
        for (int i = 0; i < cb.Length; i++)
        {
            double x = cb[i] - meanCb;
            double y = cr[i] - meanCr;
            difference += (x * x) - (y * y);
            covariance += x * y;
        }

        return 0.5 * Math.Atan2(2 * covariance, difference);
    }
}
