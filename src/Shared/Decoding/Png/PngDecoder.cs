using System.Buffers;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Png;

/// <summary>
/// Decodes the PNG files that most pictures of digits come as: 8 or 16 bits of gray, RGB or RGBA, not interlaced.
/// Everything else, and every file with anything wrong, is the image library's.
/// </summary>
internal static class PngDecoder
{
    /// <summary>The rows are decompressed at once; larger pictures are the library's.</summary>
    private const int MaxRowBytes = 16 * 1024 * 1024;

    /// <summary>Decodes a file whose header has been allowed.</summary>
    /// <returns>Null for what is left to the library.</returns>
    public static GrayImage? TryDecode(ReadOnlySpan<byte> file, in PngFile png, int factor)
    {
        if ((long)png.Stride * png.Height > MaxRowBytes)
        {
            return null;
        }

        using var joined = new DecodingBuffer(png.DataLength);
        using var buffer = new DecodingBuffer(png.Stride * png.Height);
        Span<byte> rows = buffer.Bytes;
        if (!TryDecompress(png.FindData(file, joined.Bytes), rows) || !UndoFilters(rows, png.Stride, png.PixelBytes))
        {
            return null;
        }

        return png.SampleBytes == 1
            ? ToGray(rows, png, factor)
            : ToGray(WideSamples.Narrow(rows, png), png with { SampleBytes = 1 }, factor);
    }

    /// <returns>False where the data is damaged, or has another length.</returns>
    private static unsafe bool TryDecompress(ReadOnlySpan<byte> compressed, Span<byte> rows)
    {
        fixed (byte* start = compressed)
        {
            using var data = new UnmanagedMemoryStream(start, compressed.Length);
            using var zlib = new ZLibStream(data, CompressionMode.Decompress);
            try
            {
                return zlib.ReadAtLeast(rows, rows.Length, throwOnEndOfStream: false) == rows.Length && zlib.ReadByte() < 0;
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                // The second where the data asks for a dictionary, which PNG does not know.
                return false;
            }
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static bool UndoFilters(Span<byte> rows, int stride, int pixelBytes)
    {
        // Above the first row all is 0.
        byte[] zeros = ArrayPool<byte>.Shared.Rent(stride - 1);
        zeros.AsSpan(0, stride - 1).Clear();
        Span<byte> above = zeros.AsSpan(0, stride - 1);
        bool good = true;
        for (int start = 0; start < rows.Length && good; start += stride)
        {
            Span<byte> row = rows.Slice(start + 1, stride - 1);
            good = RowFilter.Undo(rows[start], row, above, pixelBytes);
            above = row;
        }

        ArrayPool<byte>.Shared.Return(zeros);
        return good;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static GrayImage ToGray(Span<byte> rows, in PngFile png, int factor)
    {
        int stride = png.Stride;
        bool hasAlpha = png.Samples == 4 && !IsOpaque(rows, stride);
        using var gray = new GrayRows(png.Width, png.Height, factor, hasAlpha);
        byte[] bgra = ArrayPool<byte>.Shared.Rent(png.Width * 4);
        for (int start = 1; start < rows.Length; start += stride)
        {
            ReadOnlySpan<byte> row = rows.Slice(start, stride - 1);
            switch (png.Samples)
            {
                case 1:
                    gray.AddGray(row);
                    break;
                case 3:
                    FromRgb(row, bgra);
                    gray.AddBgra(bgra.AsSpan(0, png.Width * 4));
                    break;
                case 4 when !hasAlpha:
                    gray.AddOpaqueRgba(row);
                    break;
                default:
                    FromRgba(row, bgra);
                    gray.AddBgra(bgra.AsSpan(0, png.Width * 4));
                    break;
            }
        }

        ArrayPool<byte>.Shared.Return(bgra);
        return gray.ToImage();
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static bool IsOpaque(ReadOnlySpan<byte> rows, int stride)
    {
        Vector256<uint> alpha = Vector256.Create(0xFF000000u);
        for (int start = 1; start < rows.Length; start += stride)
        {
            ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(rows.Slice(start, stride - 1));
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
        }

        return true;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void FromRgb(ReadOnlySpan<byte> rgb, Span<byte> bgra)
    {
        for (int i = 0, o = 0; i < rgb.Length; i += 3, o += 4)
        {
            bgra[o] = rgb[i + 2];
            bgra[o + 1] = rgb[i + 1];
            bgra[o + 2] = rgb[i];
            bgra[o + 3] = byte.MaxValue;
        }
    }

    /// <summary>Swaps red and blue and multiplies colours by alpha.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private static void FromRgba(ReadOnlySpan<byte> rgba, Span<byte> bgra)
    {
        ReadOnlySpan<uint> from = MemoryMarshal.Cast<byte, uint>(rgba);
        Span<uint> to = MemoryMarshal.Cast<byte, uint>(bgra)[..from.Length];
        Vector256<uint> greenAlpha = Vector256.Create(0xFF00FF00u);
        Vector256<uint> alpha = Vector256.Create(0xFF000000u);
        int x = 0;
        for (; x <= from.Length - Vector256<uint>.Count; x += Vector256<uint>.Count)
        {
            Vector256<uint> pixels = Vector256.Create(from[x..]);
            Vector256<uint> redBlue = Vector256.AndNot(pixels, greenAlpha);
            Vector256<uint> swapped = (pixels & greenAlpha) | (redBlue << 16) | (redBlue >> 16);
            if ((pixels & alpha) == alpha)
            {
                swapped.CopyTo(to[x..]);
            }
            else if ((pixels & alpha) == Vector256<uint>.Zero)
            {
                Vector256<uint>.Zero.CopyTo(to[x..]);
            }
            else
            {
                for (int i = x; i < x + Vector256<uint>.Count; i++)
                {
                    to[i] = Premultiplied(from[i]);
                }
            }
        }

        for (; x < from.Length; x++)
        {
            to[x] = Premultiplied(from[x]);
        }
    }

    private static uint Premultiplied(uint rgba)
    {
        uint alpha = rgba >> 24;
        return (alpha << 24)
            | (Times(rgba & 0xFF, alpha) << 16)
            | (Times((rgba >> 8) & 0xFF, alpha) << 8)
            | Times((rgba >> 16) & 0xFF, alpha);

        // c alpha / 255, rounded.
        static uint Times(uint color, uint alpha) => ((color * alpha) + 127) / 255;
    }
}
