using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Png;

/// <summary>Converts the packed samples of a row to 8-bit gray or RGBA.</summary>
/// <remarks>
/// Programs that save 8-bit values as 16-bit integers leave the upper byte of every sample 0; the lower byte is then
/// the value.
/// </remarks>
internal sealed class PngSamples
{
    private readonly PngFile _png;

    /// <summary>The color of each sample value of up to 8 bits, RGBA from the lowest byte.</summary>
    private readonly uint[]? _colors;

    /// <summary>[channels], the transparent color; null if there is none or the file has a palette.</summary>
    private readonly int[]? _transparent;

    /// <summary>Which byte of a 16-bit sample is the value.</summary>
    private int _colorByte = 1;
    private int _alphaByte = 1;

    public PngSamples(ReadOnlySpan<byte> file, PngFile png)
    {
        _png = png;
        ReadOnlySpan<byte> transparency = file[png.Transparency];
        if (png.ColorType == PngFile.Palette)
        {
            _colors = ReadPalette(file[png.Colors], transparency);
        }
        else if (!transparency.IsEmpty)
        {
            _transparent = new int[png.Channels];
            for (int i = 0; i < _transparent.Length; i++)
            {
                _transparent[i] = BinaryPrimitives.ReadUInt16BigEndian(transparency[(2 * i)..]);
            }
        }
    }

    private bool HasAlpha => _png.ColorType is PngFile.GrayAlpha or PngFile.Rgba;

    /// <summary>Checks whether 16-bit samples use their upper bytes.</summary>
    /// <returns>True if further rows cannot change the result.</returns>
    [MethodImpl(PixelLoop.Compilation)]
    public bool SeeWideRow(ReadOnlySpan<byte> row)
    {
        int channels = _png.Channels;
        for (int i = 0; i < row.Length / 2; i++)
        {
            if (row[2 * i] != 0)
            {
                bool isAlpha = HasAlpha && i % channels == channels - 1;
                (isAlpha ? ref _alphaByte : ref _colorByte) = 0;
            }
        }

        return _colorByte == 0 && (_alphaByte == 0 || !HasAlpha);
    }

    /// <param name="row">The packed samples.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="room">[width, 4].</param>
    /// <returns>[width] for an opaque gray picture, [width, 4] for any other.</returns>
    [MethodImpl(PixelLoop.Compilation)]
    public ReadOnlySpan<byte> Convert(ReadOnlySpan<byte> row, int width, Span<byte> room)
    {
        if (_png.BitDepth == 8 && (_png.IsOpaqueGray || _png.ColorType == PngFile.Rgba))
        {
            return row;
        }

        if (_png.IsOpaqueGray)
        {
            ConvertGray(row, room[..width]);
            return room[..width];
        }

        room = room[..(4 * width)];
        if (_colors is not null)
        {
            LookUp(row, _colors, room);
        }
        else if (_png is { ColorType: PngFile.Rgb, BitDepth: 8 } && _transparent is null)
        {
            ConvertRgb(row, room);
        }
        else
        {
            ConvertAny(row, room);
        }

        return room;
    }

    private static uint[] ReadPalette(ReadOnlySpan<byte> palette, ReadOnlySpan<byte> transparency)
    {
        uint[] colors = new uint[byte.MaxValue + 1];
        int count = palette.Length / 3;
        for (int i = 0; i < colors.Length; i++)
        {
            // Values beyond the palette are an error in the file; they get the last color.
            ReadOnlySpan<byte> color = palette.Slice(3 * Math.Min(i, count - 1), 3);
            uint alpha = i < transparency.Length ? transparency[i] : byte.MaxValue;
            colors[i] = color[0] | ((uint)color[1] << 8) | ((uint)color[2] << 16) | (alpha << 24);
        }

        return colors;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private void ConvertGray(ReadOnlySpan<byte> row, Span<byte> gray)
    {
        if (_png.BitDepth == 16)
        {
            for (int x = 0; x < gray.Length; x++)
            {
                gray[x] = row[(2 * x) + _colorByte];
            }

            return;
        }

        Unpack(row, gray);
        byte factor = (byte)(byte.MaxValue / ((1 << _png.BitDepth) - 1));
        foreach (ref byte level in gray)
        {
            level *= factor;
        }
    }

    /// <summary>Converts samples of less than 8 bits, the first in the highest bits of a byte.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private void Unpack(ReadOnlySpan<byte> row, Span<byte> samples)
    {
        int depth = _png.BitDepth;
        int mask = (1 << depth) - 1;
        int x = 0;
        foreach (byte packed in row)
        {
            for (int shift = 8 - depth; shift >= 0 && x < samples.Length; shift -= depth)
            {
                samples[x] = (byte)((packed >> shift) & mask);
                x++;
            }
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private void LookUp(ReadOnlySpan<byte> row, uint[] colors, Span<byte> rgba)
    {
        Span<uint> pixels = MemoryMarshal.Cast<byte, uint>(rgba);
        if (_png.BitDepth == 8)
        {
            for (int x = 0; x < pixels.Length; x++)
            {
                pixels[x] = colors[row[x]];
            }

            return;
        }

        for (int x = 0; x < pixels.Length; x++)
        {
            pixels[x] = colors[Sample(row, x)];
        }
    }

    [MethodImpl(PixelLoop.Compilation)]
    private static void ConvertRgb(ReadOnlySpan<byte> rgb, Span<byte> rgba)
    {
        for (int i = 0, o = 0; i < rgb.Length; i += 3, o += 4)
        {
            rgba[o] = rgb[i];
            rgba[o + 1] = rgb[i + 1];
            rgba[o + 2] = rgb[i + 2];
            rgba[o + 3] = byte.MaxValue;
        }
    }

    /// <summary>Converts gray or RGB with alpha, a transparent color, or 16 bits.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    private void ConvertAny(ReadOnlySpan<byte> row, Span<byte> rgba)
    {
        int channels = _png.Channels;
        int colors = HasAlpha ? channels - 1 : channels;
        for (int x = 0; x < rgba.Length / 4; x++)
        {
            bool isTransparent = _transparent is not null;
            for (int c = 0; c < colors; c++)
            {
                int sample = Sample(row, (x * channels) + c);
                isTransparent = isTransparent && sample == _transparent![c];
                rgba[(4 * x) + c] = ToByte(sample, _colorByte);
            }

            if (colors == 1)
            {
                rgba[(4 * x) + 1] = rgba[4 * x];
                rgba[(4 * x) + 2] = rgba[4 * x];
            }

            rgba[(4 * x) + 3] = HasAlpha ? ToByte(Sample(row, (x * channels) + colors), _alphaByte)
                : isTransparent ? (byte)0
                : byte.MaxValue;
        }
    }

    private byte ToByte(int sample, int wideByte) => _png.BitDepth switch
    {
        16 => (byte)(wideByte == 0 ? sample >> 8 : sample),
        8 => (byte)sample,
        int depth => (byte)(byte.MaxValue / ((1 << depth) - 1) * sample),
    };

    /// <summary>Samples of less than 8 bits begin with the highest bits of a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Sample(ReadOnlySpan<byte> row, int index)
    {
        int depth = _png.BitDepth;
        if (depth == 16)
        {
            return BinaryPrimitives.ReadUInt16BigEndian(row[(2 * index)..]);
        }

        int bit = index * depth;
        return (row[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
}
