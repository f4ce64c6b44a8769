using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding;

/// <summary>
/// Builds a <see cref="GrayImage"/> from rows as a codec delivers them, top to bottom: grey by <see cref="Luma"/>, reduced
/// by <see cref="BlockAverage"/>, transparent parts over <see cref="Paper"/>.
/// </summary>
internal sealed class GrayRows : IPixelRows
{
    private readonly byte[] _row;
    private readonly int _width;
    private readonly BlockAverage _luma;
    private readonly BlockAverage? _alpha;

    /// <param name="width">Of the rows to come, in pixels.</param>
    /// <param name="height">How many rows will come.</param>
    /// <param name="factor">Pixels of each side that become one.</param>
    /// <param name="hasAlpha">Whether the rows are premultiplied by an alpha of less than 255 anywhere.</param>
    public GrayRows(int width, int height, int factor, bool hasAlpha)
    {
        _width = width;
        _row = ArrayPool<byte>.Shared.Rent(width);
        _luma = new BlockAverage(width, height, factor);
        _alpha = hasAlpha ? new BlockAverage(width, height, factor) : null;
    }

    public void AddGray(ReadOnlySpan<byte> row) => _luma.Add(row);

    /// <param name="bgra">[W, 4] bytes, colours premultiplied by alpha.</param>
    public void AddBgra(ReadOnlySpan<byte> bgra)
    {
        Span<byte> row = _row.AsSpan(0, _width);
        Luma.FromBgra(bgra, row);
        _luma.Add(row);
        if (_alpha is not null)
        {
            AlphaOf(bgra, row);
            _alpha.Add(row);
        }
    }

    /// <param name="rgba">[W, 4] bytes, all opaque.</param>
    public void AddOpaqueRgba(ReadOnlySpan<byte> rgba)
    {
        Span<byte> row = _row.AsSpan(0, _width);
        Luma.FromRgba(rgba, row);
        _luma.Add(row);
    }

    /// <summary>The picture, once all rows have come; for the caller to dispose of.</summary>
    public GrayImage ToImage()
    {
        GrayImage image = _luma.ToImage();
        if (_alpha is not null)
        {
            using GrayImage alpha = _alpha.ToImage();
            Paper.LayUnder(image.Pixels, alpha.Pixels);
        }

        return image;
    }

    public void Dispose()
    {
        _luma.Dispose();
        _alpha?.Dispose();
        ArrayPool<byte>.Shared.Return(_row);
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void AlphaOf(ReadOnlySpan<byte> bgra, Span<byte> alpha)
    {
        ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(bgra);
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
