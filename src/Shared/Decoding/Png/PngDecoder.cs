using System.Buffers;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Png;

/// <summary>Decodes all PNG files (W3C PNG, third edition), row by row unless they are interlaced.</summary>
internal static class PngDecoder
{
    private const int BytesPerColor = 4;

    /// <summary>The passes of Adam7: first pixel, and steps across and down.</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static readonly (int X, int Y, int StepX, int StepY)[] OnePass = [(0, 0, 1, 1)];

    /// <summary>Decodes a file whose header is within the limits.</summary>
    /// <param name="rows">Receives the rows; all of them if the file is valid.</param>
    /// <param name="stop">Cancels the work; checked at every row.</param>
    /// <returns>False for a damaged file.</returns>
    /// <exception cref="OperationCanceledException">The work was canceled.</exception>
    public static unsafe bool TryDecode(
        ReadOnlySpan<byte> file, PngFile png, IPixelRows rows, CancellationToken stop)
    {
        if (png.DataLength == 0)
        {
            return false;
        }

        using var joined = new DecodingBuffer(png.DataLength);
        ReadOnlySpan<byte> compressed = png.FindData(file, joined.Bytes);
        var samples = new PngSamples(file, png);
        fixed (byte* start = compressed)
        {
            using var data = new UnmanagedMemoryStream(start, compressed.Length);
            try
            {
                if (png.BitDepth == 16)
                {
                    using var wide = new ZLibStream(data, CompressionMode.Decompress, leaveOpen: true);
                    if (!SeeWideSamples(wide, png, samples, stop))
                    {
                        return false;
                    }

                    data.Position = 0;
                }

                using var zlib = new ZLibStream(data, CompressionMode.Decompress, leaveOpen: true);
                return png.IsInterlaced
                    ? DecodePasses(zlib, png, samples, rows, stop)
                    : DecodeRows(zlib, png, samples, rows, stop);
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                // The second is thrown if the data needs a preset dictionary, which PNG does not support.
                return false;
            }
        }
    }

    /// <returns>False if the data is damaged.</returns>
    private static bool SeeWideSamples(Stream data, PngFile png, PngSamples samples, CancellationToken stop)
    {
        foreach ((int x, int y, int stepX, int stepY) in png.IsInterlaced ? Passes : OnePass)
        {
            (int width, int height) = (CountOf(png.Width, x, stepX), CountOf(png.Height, y, stepY));
            if (width == 0 || height == 0)
            {
                continue;
            }

            using var passRows = new PngRows(data, png, width, height);
            for (int i = 0; i < height; i++)
            {
                stop.ThrowIfCancellationRequested();
                if (!passRows.TryRead(out ReadOnlySpan<byte> row))
                {
                    return false;
                }

                if (samples.SeeWideRow(row))
                {
                    return true;
                }
            }
        }

        return true;
    }

    private static bool DecodeRows(
        Stream data, PngFile png, PngSamples samples, IPixelRows rows, CancellationToken stop)
    {
        byte[] room = ArrayPool<byte>.Shared.Rent(BytesPerColor * png.Width);
        using var packed = new PngRows(data, png, png.Width, png.Height);
        try
        {
            for (int y = 0; y < png.Height; y++)
            {
                stop.ThrowIfCancellationRequested();
                if (!packed.TryRead(out ReadOnlySpan<byte> row))
                {
                    return false;
                }

                Add(samples.Convert(row, png.Width, room), png, rows);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    private static bool DecodePasses(
        Stream data, PngFile png, PngSamples samples, IPixelRows rows, CancellationToken stop)
    {
        int stride = png.Width * (png.IsOpaqueGray ? 1 : BytesPerColor);
        using var picture = new DecodingBuffer(checked(stride * png.Height));
        byte[] room = ArrayPool<byte>.Shared.Rent(BytesPerColor * png.Width);
        try
        {
            foreach ((int x, int y, int stepX, int stepY) in Passes)
            {
                (int width, int height) = (CountOf(png.Width, x, stepX), CountOf(png.Height, y, stepY));
                if (width == 0 || height == 0)
                {
                    continue;
                }

                using var packed = new PngRows(data, png, width, height);
                for (int i = 0; i < height; i++)
                {
                    stop.ThrowIfCancellationRequested();
                    if (!packed.TryRead(out ReadOnlySpan<byte> row))
                    {
                        return false;
                    }

                    Spread(
                        samples.Convert(row, width, room),
                        picture.Bytes.Slice((y + (i * stepY)) * stride, stride),
                        x,
                        stepX,
                        png.IsOpaqueGray);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }

        for (int y = 0; y < png.Height; y++)
        {
            stop.ThrowIfCancellationRequested();
            Add(picture.Bytes.Slice(y * stride, stride), png, rows);
        }

        return true;
    }

    /// <summary>Number of pixels of a pass along one side.</summary>
    private static int CountOf(int size, int first, int step) => (size - first + step - 1) / step;

    private static void Add(ReadOnlySpan<byte> pixels, PngFile png, IPixelRows rows)
    {
        if (png.IsOpaqueGray)
        {
            rows.AddGray(pixels);
        }
        else
        {
            rows.AddRgba(pixels);
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void Spread(ReadOnlySpan<byte> from, Span<byte> to, int first, int step, bool isGray)
    {
        if (isGray)
        {
            for (int i = 0; i < from.Length; i++)
            {
                to[first + (i * step)] = from[i];
            }

            return;
        }

        ReadOnlySpan<uint> fromColors = MemoryMarshal.Cast<byte, uint>(from);
        Span<uint> toColors = MemoryMarshal.Cast<byte, uint>(to);
        for (int i = 0; i < fromColors.Length; i++)
        {
            toColors[first + (i * step)] = fromColors[i];
        }
    }
}
