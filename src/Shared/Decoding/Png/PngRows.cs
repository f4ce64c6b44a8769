using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Png;

/// <summary>Reads the rows of a picture, or of a pass of an interlaced one, one strip at a time.</summary>
internal ref struct PngRows : IDisposable
{
    private const int StripBytes = 128 * 1024;

    private readonly Stream _data;
    private readonly int _stride;
    private readonly int _filterBytes;
    private readonly byte[] _strip;
    private readonly int _rowsOfStrip;
    private int _rowsLeft;
    private int _count;
    private int _next;

    /// <param name="data">The decompressed data.</param>
    /// <param name="png">The picture's file.</param>
    /// <param name="width">Width of the picture or pass, in pixels.</param>
    /// <param name="height">Number of rows.</param>
    public PngRows(Stream data, PngFile png, int width, int height)
    {
        _data = data;
        _stride = png.Stride(width);
        _filterBytes = png.FilterBytes;
        _rowsLeft = height;
        _rowsOfStrip = Math.Clamp(StripBytes / _stride, 1, height);

        // The buffer begins with the row above; above the first row, all bytes are 0.
        _strip = PixelPool.Rent((1 + _rowsOfStrip) * _stride);
        _strip.AsSpan(0, _stride).Clear();
    }

    /// <summary>Reads the next row.</summary>
    /// <param name="row">Its packed samples, valid until the next row is read.</param>
    /// <returns>False if the data ends or the filter is unknown.</returns>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    [MethodImpl(PixelLoop.Compilation)]
    public bool TryRead(out ReadOnlySpan<byte> row)
    {
        row = [];
        if (_next == _count && !ReadStrip())
        {
            return false;
        }

        Span<byte> filtered = _strip.AsSpan((1 + _next) * _stride, _stride);
        ReadOnlySpan<byte> above = _strip.AsSpan((_next * _stride) + 1, _stride - 1);
        _next++;
        row = filtered[1..];
        return RowFilter.Undo(filtered[0], filtered[1..], above, _filterBytes);
    }

    public readonly void Dispose() => PixelPool.Return(_strip);

    private bool ReadStrip()
    {
        _strip.AsSpan(_count * _stride, _stride).CopyTo(_strip);
        _count = Math.Min(_rowsOfStrip, _rowsLeft);
        _rowsLeft -= _count;
        _next = 0;
        Span<byte> rows = _strip.AsSpan(_stride, _count * _stride);
        return _data.ReadAtLeast(rows, rows.Length, throwOnEndOfStream: false) == rows.Length;
    }
}
