using System.Buffers.Binary;

namespace MnistLstm.Fuzz;

/// <summary>BMP files of every bit depth, compression and header.</summary>
internal static class BmpSeeds
{
    private const int Width = 9;
    private const int Height = 7;
    private const int FileHeader = 14;
    private const int OldHeader = 12;
    private const int InfoHeader = 40;

    private enum Compression
    {
        None = 0,
        Rle8 = 1,
        Rle4 = 2,
        BitFields = 3,
        AlphaBitFields = 6,
    }

    private static readonly uint[] Masks565 = [0xF800, 0x07E0, 0x001F];
    private static readonly uint[] Masks8888 = [0x00FF0000, 0x0000FF00, 0x000000FF, 0xFF000000];

    public static IEnumerable<(string Name, byte[] File)> All()
    {
        foreach (int bits in new[] { 1, 2, 4, 8, 16, 24, 32 })
        {
            yield return ($"bits-{bits}.bmp", Write(InfoHeader, bits, Compression.None, Rows(bits)));
            yield return ($"bits-{bits}-top-down.bmp",
                Write(InfoHeader, bits, Compression.None, Rows(bits), down: true));
        }

        foreach (int bits in new[] { 1, 4, 8, 24 })
        {
            yield return ($"os2-bits-{bits}.bmp", Write(OldHeader, bits, Compression.None, Rows(bits)));
        }

        yield return ("os2-version-2.bmp", Write(64, 8, Compression.None, Rows(8)));
        yield return ("os2-short.bmp", Write(16, 8, Compression.None, Rows(8)));
        yield return ("version-2.bmp", Write(52, 16, Compression.BitFields, Rows(16), Masks565));
        yield return ("version-3.bmp", Write(56, 32, Compression.BitFields, Rows(32), Masks8888));
        yield return ("version-4.bmp", Write(108, 32, Compression.BitFields, Rows(32), Masks8888));
        yield return ("version-5.bmp", Write(124, 24, Compression.None, Rows(24)));
        yield return ("fields-16.bmp", Write(InfoHeader, 16, Compression.BitFields, Rows(16), Masks565));
        yield return ("fields-32.bmp", Write(InfoHeader, 32, Compression.BitFields, Rows(32), Masks8888[..3]));
        yield return ("alpha-fields.bmp", Write(InfoHeader, 32, Compression.AlphaBitFields, Rows(32), Masks8888));
        yield return ("rle8.bmp", Write(InfoHeader, 8, Compression.Rle8, Rle(isNibbles: false)));
        yield return ("rle4.bmp", Write(InfoHeader, 4, Compression.Rle4, Rle(isNibbles: true)));
        yield return ("rle8-moves.bmp", Write(
            InfoHeader, 8, Compression.Rle8, [3, 9, 0, 2, 2, 1, 4, 7, 0, 0, 0, 3, 1, 2, 3, 0, 2, 200, 0, 1]));
    }

    private static byte[] Write(
        int header, int bits, Compression compression, byte[] pixels, uint[]? masks = null, bool down = false)
    {
        int colors = bits <= 8 ? 1 << bits : 0;
        int colorBytes = header == OldHeader ? 3 : 4;
        int maskBytes = header == InfoHeader ? 4 * (masks?.Length ?? 0) : 0;
        byte[] palette =
            [.. Enumerable.Range(0, colors * colorBytes).Select(i => (byte)(i / colorBytes * 255 / colors))];
        byte[] file = [.. new byte[FileHeader + header + maskBytes], .. palette, .. pixels];
        Span<byte> span = file;
        "BM"u8.CopyTo(span);
        BinaryPrimitives.WriteInt32LittleEndian(span[2..], file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span[10..], file.Length - pixels.Length);
        Span<byte> info = span[FileHeader..];
        BinaryPrimitives.WriteInt32LittleEndian(info, header);
        if (header == OldHeader)
        {
            BinaryPrimitives.WriteInt16LittleEndian(info[4..], Width);
            BinaryPrimitives.WriteInt16LittleEndian(info[6..], Height);
            info[8] = 1;
            info[10] = (byte)bits;
            return file;
        }

        BinaryPrimitives.WriteInt32LittleEndian(info[4..], Width);
        BinaryPrimitives.WriteInt32LittleEndian(info[8..], down ? -Height : Height);
        info[12] = 1;
        info[14] = (byte)bits;
        if (header >= InfoHeader)
        {
            info[16] = (byte)compression;
            BinaryPrimitives.WriteInt32LittleEndian(info[20..], pixels.Length);
            BinaryPrimitives.WriteInt32LittleEndian(info[32..], colors);
            for (int i = 0; i < masks?.Length; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(info[(InfoHeader + (4 * i))..], masks[i]);
            }
        }

        return file;
    }

    /// <summary>Rows of packed pixels, each filled up to four bytes.</summary>
    private static byte[] Rows(int bits)
    {
        var rows = new List<byte>();
        for (int y = 0; y < Height; y++)
        {
            var row = new BitWriter();
            for (int x = 0; x < Width; x++)
            {
                int level = Seeds.Level(x, y, Width, Height);
                int times = Math.Max(1, bits / 8);
                for (int i = 0; i < times; i++)
                {
                    row.Write(level >> Math.Max(0, 8 - bits), Math.Min(bits, 8));
                }
            }

            byte[] bytes = row.ToBytes();
            rows.AddRange([.. bytes, .. new byte[(4 - (bytes.Length % 4)) % 4]]);
        }

        return [.. rows];
    }

    /// <summary>A run and single pixels in every row, each row and the picture with its end.</summary>
    private static byte[] Rle(bool isNibbles)
    {
        var data = new List<byte>();
        for (int y = 0; y < Height; y++)
        {
            byte[] single = isNibbles ? [0x5F, 0xA0] : [250, 130, 20, 0];
            data.AddRange([6, (byte)(isNibbles ? 0xF1 : 200 + y), 0, 3, .. single, 0, 0]);
        }

        data.AddRange([0, 1]);
        return [.. data];
    }
}
