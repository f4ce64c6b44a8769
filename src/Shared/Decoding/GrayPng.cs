using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace MnistLstm.Shared.Decoding;

/// <summary>Writes gray pixels as a PNG file (W3C, "Portable Network Graphics Specification", third edition).</summary>
public static class GrayPng
{
    private const int HeaderLength = 13;
    private const byte BitDepth = 8;
    private const byte ColorTypeGray = 0;
    private const byte FilterNone = 0;

    private static ReadOnlySpan<byte> Signature => [137, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <param name="pixels">[height, width], row by row, 0 = black to 255 = white.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, width * height);

        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = BitDepth;
        header[9] = ColorTypeGray;

        using var file = new MemoryStream();
        file.Write(Signature);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Deflate(pixels, width, height));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Deflate(ReadOnlySpan<byte> pixels, int width, int height)
    {
        using var data = new MemoryStream();
        using (var deflated = new ZLibStream(data, CompressionLevel.Fastest))
        {
            for (int y = 0; y < height; y++)
            {
                deflated.WriteByte(FilterNone);
                deflated.Write(pixels.Slice(y * width, width));
            }
        }

        return data.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        var checksum = new Crc32();
        checksum.Append(type);
        checksum.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        file.Write(number);
    }
}
