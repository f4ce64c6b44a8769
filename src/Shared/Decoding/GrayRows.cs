using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding;

/// <summary>
/// Builds a <see cref="GrayImage"/> from a codec's rows, top to bottom: gray by <see cref="Luma"/>, reduced by <see
/// cref="BlockAverage"/>, transparent parts over <see cref="Paper"/>.
/// </summary>
internal sealed class GrayRows : IPixelRows
{
    private readonly byte[] _row;
    private readonly int _width;
    private readonly int _height;
    private readonly int _factor;
    private readonly BlockAverage _luma;
    private int _rows;

    // Set only if some pixel is not opaque.
    private byte[] _alphaRow = [];
    private BlockAverage? _alpha;

    /// <param name="width">Width of the rows, in pixels.</param>
    /// <param name="height">Number of rows.</param>
    /// <param name="factor">Each block of factor x factor pixels becomes one pixel.</param>
    public GrayRows(int width, int height, int factor)
    {
        _width = width;
        _height = height;
        _factor = factor;
        _row = ArrayPool<byte>.Shared.Rent(width);
        _luma = new BlockAverage(width, height, factor);
    }

    public void AddGray(ReadOnlySpan<byte> row) => _luma.Add(row);

    public void AddRgba(ReadOnlySpan<byte> rgba)
    {
        Span<byte> row = _row.AsSpan(0, _width);
        Luma.FromRgba(rgba, row);
        if (_alpha is null && !IsOpaque(rgba))
        {
            BeginAlpha();
        }

        if (_alpha is not null)
        {
            Span<byte> alpha = _alphaRow.AsSpan(0, _width);
            AlphaOf(rgba, alpha);
            Multiply(row, alpha);
            _alpha.Add(alpha);
        }

        _luma.Add(row);
        _rows++;
    }

    /// <summary>The picture after the last row; the caller disposes of it.</summary>
    public GrayImage ToImage()
    {
        GrayImage image = _luma.ToImage();
        if (_alpha is not null)
        {
            using GrayImage alpha = _alpha.ToImage();
            Paper.CompositeOverBackground(image.Pixels, alpha.Pixels);
        }

        return image;
    }

    public void Dispose()
    {
        _luma.Dispose();
        _alpha?.Dispose();
        ArrayPool<byte>.Shared.Return(_row);
        ArrayPool<byte>.Shared.Return(_alphaRow);
    }

    /// <summary>Begins to keep alpha: all rows so far are opaque.</summary>
    private void BeginAlpha()
    {
        _alphaRow = ArrayPool<byte>.Shared.Rent(_width);
        _alphaRow.AsSpan(0, _width).Fill(byte.MaxValue);
        _alpha = new BlockAverage(_width, _height, _factor);
        for (int y = 0; y < _rows; y++)
        {
            _alpha.Add(_alphaRow.AsSpan(0, _width));
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static bool IsOpaque(ReadOnlySpan<byte> rgba)
    {
        Vector256<uint> alpha = Vector256.Create(0xFF000000u);
        ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(rgba);
        int x = 0;
        for (; x <= pixels.Length - Vector256<uint>.Count; x += Vector256<uint>.Count)
        {
            if ((Vector256.Create(pixels[x..]) & alpha) != alpha)
            {
                return false;
            }
        }

        for (; x < pixels.Length; x++)
        {
            if (pixels[x] >> 24 != byte.MaxValue)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Luma times alpha / 255, rounded.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void Multiply(Span<byte> luma, ReadOnlySpan<byte> alpha)
    {
        int x = 0;
        for (; x <= luma.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.Create<byte>(luma[x..]));
            (Vector256<ushort> lowAlpha, Vector256<ushort> highAlpha) = Vector256.Widen(Vector256.Create(alpha[x..]));
            Vector256.Narrow(DivideBy255(low * lowAlpha), DivideBy255(high * highAlpha)).CopyTo(luma[x..]);
        }

        for (; x < luma.Length; x++)
        {
            luma[x] = (byte)(((luma[x] * alpha[x]) + 127) / 255);
        }

        static Vector256<ushort> DivideBy255(Vector256<ushort> product)
        {
            Vector256<ushort> sum = product + Vector256.Create((ushort)128);
            return (sum + (sum >> 8)) >> 8;
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void AlphaOf(ReadOnlySpan<byte> rgba, Span<byte> alpha)
    {
        ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(rgba);
        int x = 0;
        for (; x <= alpha.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            Vector256<ushort> first = Vector256.Narrow(AlphaOf(pixels[x..]), AlphaOf(pixels[(x + 8)..]));
            Vector256<ushort> second = Vector256.Narrow(AlphaOf(pixels[(x + 16)..]), AlphaOf(pixels[(x + 24)..]));
            Vector256.Narrow(first, second).CopyTo(alpha[x..]);
        }

        for (; x < alpha.Length; x++)
        {
            alpha[x] = (byte)(pixels[x] >> 24);
        }

        static Vector256<uint> AlphaOf(ReadOnlySpan<uint> pixels) => Vector256.Create(pixels) >> 24;
    }
}
