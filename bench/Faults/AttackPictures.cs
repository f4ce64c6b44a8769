using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace MnistLstm.Faults;

/// <summary>Small files that take a decoder much memory or time.</summary>
internal static class AttackPictures
{
    public const int Width = 8192;
    public const int Height = 6144;

    /// <summary>15 million empty APP1 segments, compressed by gzip: 61 KB for 63 MB.</summary>
    public static byte[] ManySegments()
    {
        using var body = new MemoryStream();
        using (var gzip = new GZipStream(body, CompressionLevel.SmallestSize))
        {
            gzip.Write([0xFF, 0xD8]);
            gzip.Write(Repeated([0xFF, 0xE1, 0, 2], 15 * 1024 * 1024));
            gzip.Write(ProgressiveJpeg(32, 32).AsSpan(2));
        }

        return body.ToArray();
    }

    /// <summary>A WebP file of seven million empty chunks of no known type.</summary>
    public static byte[] ManyChunks()
    {
        byte[] file =
        [
            .. "RIFF\0\0\0\0WEBPVP8X"u8, 10, 0, 0, 0, 0, 0, 0, 0, 27, 0, 0, 27, 0, 0,
            .. Repeated([.. "abcd"u8, 0, 0, 0, 0], 7 * 1024 * 1024),
        ];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        return file;
    }

    /// <summary>
    /// A gray picture of three components in full resolution, whose one scan has the first coefficients.
    /// </summary>
    public static byte[] ProgressiveJpeg(int width, int height)
    {
        byte[] steps = new byte[64];
        steps.AsSpan().Fill(1);

        // One code of one bit, "0", in both tables: no difference.
        byte[] code = [1, .. new byte[15], 0];
        int bits = width / 8 * (height / 8) * 3;
        return
        [
            0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0, .. steps,
            0xFF, 0xC2, 0, 17, 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 3,
            1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0,
            0xFF, 0xC4, 0, 20, 0x00, .. code, 0xFF, 0xC4, 0, 20, 0x10, .. code,
            0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 0, 0, .. new byte[(bits + 7) / 8], 0xFF, 0xD9,
        ];
    }

    /// <summary>A red box on green of the same luma, which is decoded twice: once more for its colors.</summary>
    public static byte[] EqualLumaPng()
    {
        byte[] paper = [0, .. Repeated([0, 144, 0], Width)];
        byte[] ink = [.. paper];
        Repeated([200, 50, 0], Width / 3).CopyTo(ink, 1 + (Width / 3 * 3));
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < Height; y++)
            {
                zlib.Write(y is > Height / 4 and < Height * 3 / 4 ? ink : paper);
            }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        header[8] = 8;
        header[9] = 2;
        return
        [
            0x89, .. "PNG\r\n"u8, 0x1A, .. "\n"u8,
            .. Chunk([.. "IHDR"u8, .. header]), .. Chunk([.. "IDAT"u8, .. data.ToArray()]), .. Chunk([.. "IEND"u8]),
        ];
    }

    private static byte[] Chunk(byte[] content)
    {
        byte[] chunk = new byte[content.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length - 4);
        content.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4 + content.Length), Crc32.HashToUInt32(content));
        return chunk;
    }

    private static byte[] Repeated(ReadOnlySpan<byte> bytes, int count)
    {
        byte[] all = new byte[bytes.Length * count];
        for (int n = 0; n < count; n++)
        {
            bytes.CopyTo(all.AsSpan(n * bytes.Length));
        }

        return all;
    }
}
