using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Filters;

/// <summary>
/// Reduces a gray picture by a whole factor as its rows arrive, top to bottom: each block of factor x factor pixels
/// becomes its mean. Blocks at the right and lower edges may be smaller.
/// </summary>
internal sealed class BlockAverage : IDisposable
{
    /// <summary>The sum of a column of a block must fit into 16 bits.</summary>
    public const int MaxFactor = ushort.MaxValue / byte.MaxValue;

    private readonly int _height;
    private readonly int _factor;
    private readonly int _width;
    private readonly ushort[] _sums;
    private GrayImage? _image;
    private int _y;

    /// <param name="width">Width of the rows, in pixels.</param>
    /// <param name="height">Number of rows.</param>
    /// <param name="factor">1 to <see cref="MaxFactor"/>.</param>
    public BlockAverage(int width, int height, int factor)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(factor, MaxFactor);

        _width = width;
        _height = height;
        _factor = factor;
        _sums = ArrayPool<ushort>.Shared.Rent(width);
        _image = new GrayImage((width + factor - 1) / factor, (height + factor - 1) / factor);
    }

    /// <summary>Adds the next row.</summary>
    public void Add(ReadOnlySpan<byte> row)
    {
        int blockY = _y / _factor;
        int rowInBlock = _y - (blockY * _factor);
        _y++;
        if (_factor == 1)
        {
            row[.._width].CopyTo(_image!.Row(blockY));
            return;
        }

        Span<ushort> sums = _sums.AsSpan(0, _width);
        if (rowInBlock == 0)
        {
            sums.Clear();
        }

        AddTo(sums, row);
        if (rowInBlock == _factor - 1 || _y == _height)
        {
            Average(sums, rowInBlock + 1, _image!.Row(blockY));
        }
    }

    /// <summary>The reduced picture after the last row; the caller disposes of it.</summary>
    public GrayImage ToImage()
    {
        GrayImage image = _image!;
        _image = null;
        return image;
    }

    public void Dispose()
    {
        _image?.Dispose();
        ArrayPool<ushort>.Shared.Return(_sums);
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void AddTo(Span<ushort> sums, ReadOnlySpan<byte> row)
    {
        int x = 0;
        for (; x <= sums.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.Create(row[x..]));
            Span<ushort> at = sums[x..];
            (Vector256.Create<ushort>(at) + low).CopyTo(at);
            Span<ushort> next = at[Vector256<ushort>.Count..];
            (Vector256.Create<ushort>(next) + high).CopyTo(next);
        }

        for (; x < sums.Length; x++)
        {
            sums[x] += row[x];
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private void Average(ReadOnlySpan<ushort> sums, int rows, Span<byte> averages)
    {
        int x = 0;
        for (int i = 0; i < averages.Length; i++)
        {
            int end = Math.Min(x + _factor, sums.Length);
            int count = (end - x) * rows;
            int sum = count / 2;
            for (; x < end; x++)
            {
                sum += sums[x];
            }

            averages[i] = (byte)(sum / count);
        }
    }
}
