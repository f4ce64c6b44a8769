using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace MnistLstm.Support;

/// <summary>Picture files that Skia cannot write, in the plainest encoding that their formats allow.</summary>
public static class PictureFiles
{
    /// <summary>A PNG file (W3C PNG, third edition), rows unfiltered.</summary>
    /// <param name="colorType">0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA.</param>
    /// <param name="rows">[height] rows of packed samples, most significant byte first.</param>
    /// <param name="extra">Chunks between the header and the pixels: name and content.</param>
    public static byte[] Png(
        int width, int height, int bitDepth, int colorType, byte[][] rows,
        params (string Name, byte[] Content)[] extra) =>
        Png(width, height, bitDepth, colorType, rows, extra, after: []);

    /// <summary>The same, also with chunks behind the pixels.</summary>
    public static byte[] Png(
        int width,
        int height,
        int bitDepth,
        int colorType,
        byte[][] rows,
        (string Name, byte[] Content)[] extra,
        (string Name, byte[] Content)[] after) =>
        Png(width, height, bitDepth, colorType, isInterlaced: false, [.. rows.SelectMany(row => row.Prepend((byte)0))],
            extra, after);

    /// <summary>The same of any data.</summary>
    /// <param name="data">The filter and the packed samples of every row, of an interlaced file of every pass.</param>
    public static byte[] Png(
        int width,
        int height,
        int bitDepth,
        int colorType,
        bool isInterlaced,
        byte[] data,
        (string Name, byte[] Content)[] extra,
        (string Name, byte[] Content)[] after)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(file, "IHDR", [.. BigEndian(width), .. BigEndian(height), (byte)bitDepth, (byte)colorType, 0, 0,
            (byte)(isInterlaced ? 1 : 0)]);
        foreach ((string name, byte[] content) in extra)
        {
            WriteChunk(file, name, content);
        }

        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest))
        {
            zlib.Write(data);
        }

        WriteChunk(file, "IDAT", compressed.ToArray());
        foreach ((string name, byte[] content) in after)
        {
            WriteChunk(file, name, content);
        }

        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>A PNG file of 8-bit RGBA pixels.</summary>
    public static byte[] RgbaPng(int width, int height, Func<int, int, (byte R, byte G, byte B, byte A)> pixel) =>
        Png(width, height, bitDepth: 8, colorType: 6, Rows(width, height, (x, y) =>
        {
            (byte r, byte g, byte b, byte a) = pixel(x, y);
            return [r, g, b, a];
        }));

    /// <summary>Samples of a picture, row by row.</summary>
    public static byte[][] Rows(int width, int height, Func<int, int, byte[]> samples) =>
    [
        .. Enumerable.Range(0, height).Select(y => Enumerable.Range(0, width).SelectMany(x => samples(x, y)).ToArray())
    ];

    /// <summary>A BMP file of 24-bit color, rows from the bottom up, or from the top down.</summary>
    public static byte[] Bmp(
        int width, int height, Func<int, int, (byte R, byte G, byte B)> pixel, bool topDown = false)
    {
        const int Headers = 54;
        int stride = ((width * 3) + 3) / 4 * 4;
        byte[] file = new byte[Headers + (stride * height)];
        file[0] = (byte)'B';
        file[1] = (byte)'M';
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), Headers);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), topDown ? -height : height);
        file[26] = 1;
        file[28] = 24;
        for (int y = 0; y < height; y++)
        {
            int row = Headers + (stride * (topDown ? y : height - 1 - y));
            for (int x = 0; x < width; x++)
            {
                (file[row + (3 * x) + 2], file[row + (3 * x) + 1], file[row + (3 * x)]) = pixel(x, y);
            }
        }

        return file;
    }

    /// <summary>
    /// A GIF file of 128 grays, one picture a frame; every code is a literal, so nothing is compressed.
    /// </summary>
    /// <param name="frames">[height, width] indices 0 to 127 of each frame; gray 2 x index.</param>
    public static byte[] Gif(int width, int height, params byte[][] frames) =>
        Gif(width, height, i => ((byte)(2 * i), (byte)(2 * i), (byte)(2 * i)), frames);

    /// <summary>The same in colors.</summary>
    /// <param name="palette">The color of an index.</param>
    public static byte[] Gif(int width, int height, Func<int, (byte R, byte G, byte B)> palette, params byte[][] frames)
    {
        const int LiteralBits = 7;
        const int Clear = 1 << LiteralBits;
        const int CodesBetweenClears = 100;

        var file = new List<byte>(Encoding.ASCII.GetBytes("GIF89a"))
        {
            (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0xF6, 0, 0,
        };
        for (int i = 0; i < 128; i++)
        {
            (byte r, byte g, byte b) = palette(i);
            file.AddRange([r, g, b]);
        }

        foreach (byte[] frame in frames)
        {
            file.AddRange([0x2C, 0, 0, 0, 0, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0]);
            file.Add(LiteralBits);
            var bits = new List<bool>();
            for (int i = 0; i < frame.Length; i++)
            {
                if (i % CodesBetweenClears == 0)
                {
                    AddCode(Clear);
                }

                AddCode(frame[i]);
            }

            AddCode(Clear + 1);
            byte[] data = new byte[(bits.Count + 7) / 8];
            for (int i = 0; i < bits.Count; i++)
            {
                data[i / 8] |= (byte)(bits[i] ? 1 << (i % 8) : 0);
            }

            foreach (byte[] block in data.Chunk(255))
            {
                file.Add((byte)block.Length);
                file.AddRange(block);
            }

            file.Add(0);

            void AddCode(int code)
            {
                for (int i = 0; i <= LiteralBits; i++)
                {
                    bits.Add((code >> i & 1) == 1);
                }
            }
        }

        file.Add(0x3B);
        return [.. file];
    }

    /// <summary>
    /// A JPEG file of four components (Adobe CMYK, stored inverted), every block of 8x8 in one color.
    /// </summary>
    /// <param name="block">Ink of a block: 0 = none, 255 = full.</param>
    public static byte[] CmykJpeg(
        int blocksWide, int blocksHigh, Func<int, int, (byte C, byte M, byte Y, byte K)> block) =>
        Jpeg(blocksWide, blocksHigh, components: 4, restartInterval: 0, (x, y) =>
        {
            (byte c, byte m, byte yellow, byte k) = block(x, y);
            return [(byte)(255 - c), (byte)(255 - m), (byte)(255 - yellow), (byte)(255 - k)];
        });

    /// <summary>A gray JPEG file, every block of 8x8 in one level.</summary>
    /// <param name="restartInterval">Blocks between restart markers; 0 for none.</param>
    public static byte[] GrayJpeg(int blocksWide, int blocksHigh, int restartInterval, Func<int, int, byte> block) =>
        Jpeg(blocksWide, blocksHigh, components: 1, restartInterval, (x, y) => [block(x, y)]);

    /// <summary>
    /// A progressive JPEG file of one scan, with the first coefficients alone: every block of 8x8 in one level.
    /// </summary>
    /// <param name="components">1, or 3 for two more without color, as large as the first.</param>
    public static byte[] ProgressiveJpeg(
        int blocksWide, int blocksHigh, Func<int, int, byte> block, int components = 1) =>
        Jpeg(
            blocksWide,
            blocksHigh,
            components,
            restartInterval: 0,
            (x, y) => components == 1 ? [block(x, y)] : [block(x, y), 128, 128],
            isProgressive: true);

    private static byte[] Jpeg(
        int blocksWide,
        int blocksHigh,
        int components,
        int restartInterval,
        Func<int, int, byte[]> block,
        bool isProgressive = false)
    {
        var file = new List<byte> { 0xFF, 0xD8 };
        if (components == 4)
        {
            AddSegment(0xEE, [.. Encoding.ASCII.GetBytes("Adobe"), 0, 100, 0, 0, 0, 0, 0]);
        }

        AddSegment(0xDB, [0, .. Enumerable.Repeat((byte)8, 64)]);
        int width = blocksWide * 8;
        int height = blocksHigh * 8;
        AddSegment((byte)(isProgressive ? 0xC2 : 0xC0), [
            8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)components,
            .. Enumerable.Range(1, components).SelectMany(i => new byte[] { (byte)i, 0x11, 0 })]);

        // Twelve codes of four bits, category 0 to 11, for the first coefficient; one code, "0" = end of block, for the
        // rest.
        AddSegment(0xC4, [0x00, 0, 0, 0, 12, .. new byte[12], .. Enumerable.Range(0, 12).Select(i => (byte)i)]);
        AddSegment(0xC4, [0x10, 1, .. new byte[15], 0]);
        if (restartInterval > 0)
        {
            AddSegment(0xDD, [(byte)(restartInterval >> 8), (byte)restartInterval]);
        }

        AddSegment(
            0xDA, [(byte)components, .. Enumerable.Range(1, components).SelectMany(i => new byte[] { (byte)i, 0 }),
            0, (byte)(isProgressive ? 0 : 63), 0]);

        var bits = new List<bool>();
        int[] previous = new int[components];
        int blocks = 0;
        for (int y = 0; y < blocksHigh; y++)
        {
            for (int x = 0; x < blocksWide; x++)
            {
                if (restartInterval > 0 && blocks > 0 && blocks % restartInterval == 0)
                {
                    AddData();
                    file.AddRange([0xFF, (byte)(0xD0 + (((blocks / restartInterval) - 1) % 8))]);
                    Array.Clear(previous);
                }

                blocks++;
                byte[] levels = block(x, y);
                for (int i = 0; i < levels.Length; i++)
                {
                    // A flat block of value v has the first coefficient 8 (v - 128), quantized by 8.
                    int coefficient = levels[i] - 128;
                    AddDifference(coefficient - previous[i]);
                    previous[i] = coefficient;
                }
            }
        }

        AddData();
        file.AddRange([0xFF, 0xD9]);
        return [.. file];

        // Filled up with ones; 0xFF is followed by 0.
        void AddData()
        {
            while (bits.Count % 8 != 0)
            {
                bits.Add(true);
            }

            foreach (bool[] eight in bits.Chunk(8))
            {
                byte value = eight.Aggregate((byte)0, (sum, bit) => (byte)((sum << 1) | (bit ? 1 : 0)));
                file.Add(value);
                if (value == 0xFF)
                {
                    file.Add(0);
                }
            }

            bits.Clear();
        }

        void AddSegment(byte marker, byte[] content)
        {
            int length = content.Length + 2;
            file.AddRange([0xFF, marker, (byte)(length >> 8), (byte)length, .. content]);
        }

        void AddDifference(int difference)
        {
            int magnitude = Math.Abs(difference);
            int category = 32 - int.LeadingZeroCount(magnitude);
            AddBits(category, 4);
            AddBits(difference > 0 ? difference : difference + (1 << category) - 1, category);
            AddBits(0, isProgressive ? 0 : 1);
        }

        void AddBits(int value, int count)
        {
            for (int i = count - 1; i >= 0; i--)
            {
                bits.Add((value >> i & 1) == 1);
            }
        }
    }

    /// <summary>A JPEG file with an EXIF segment that has nothing but the orientation, 1 to 8.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        byte[] exif = [.. Encoding.ASCII.GetBytes("Exif"), 0, 0, .. Exif(orientation)];
        int length = exif.Length + 2;
        return [0xFF, 0xD8, 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. exif, .. jpeg.AsSpan(2)];
    }

    /// <summary>A WebP file of one chunk, in the extended form with EXIF data.</summary>
    public static byte[] WithOrientation(byte[] webP, int width, int height, int orientation)
    {
        const int Riff = 12;
        byte[] exif = Exif(orientation);
        byte[] chunks =
        [
            .. "VP8X"u8, 10, 0, 0, 0, 8, 0, 0, 0,
            (byte)(width - 1), (byte)((width - 1) >> 8), 0, (byte)(height - 1), (byte)((height - 1) >> 8), 0,
            .. webP.AsSpan(Riff),
            .. "EXIF"u8, (byte)exif.Length, 0, 0, 0, .. exif,
        ];
        byte[] size = BigEndian(chunks.Length + 4);
        Array.Reverse(size);
        return [.. "RIFF"u8, .. size, .. "WEBP"u8, .. chunks];
    }

    /// <summary>
    /// An animated WebP file whose only frame is a file without metadata, in the middle of a larger canvas.
    /// </summary>
    public static byte[] AnimatedWebP(byte[] webP, int width, int height)
    {
        int riff = webP.AsSpan(12).StartsWith("VP8X"u8) ? 30 : 12;
        byte[] size =
            [(byte)(width - 1), (byte)((width - 1) >> 8), 0, (byte)(height - 1), (byte)((height - 1) >> 8), 0];
        byte[] frame = [1, 0, 0, 1, 0, 0, .. size, 100, 0, 0, 0, .. webP.AsSpan(riff)];
        byte[] chunks =
        [
            .. "VP8X"u8, 10, 0, 0, 0, 2, 0, 0, 0, (byte)(width + 3), (byte)((width + 3) >> 8), 0, (byte)(height + 3),
            (byte)((height + 3) >> 8), 0,
            .. "ANIM"u8, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            .. "ANMF"u8, .. BitConverter.GetBytes(frame.Length), .. frame,
        ];
        return [.. "RIFF"u8, .. BitConverter.GetBytes(chunks.Length + 4), .. "WEBP"u8, .. chunks];
    }

    /// <summary>EXIF data, as a PNG file's eXIf chunk has it, of nothing but the orientation, 1 to 8.</summary>
    public static byte[] Exif(int orientation) =>
    [
        (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8,
        0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0,
        0, 0, 0, 0,
    ];

    /// <summary>For a PNG file whose header was changed.</summary>
    public static void RenewHeaderChecksum(byte[] png) =>
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.HashToUInt32(png.AsSpan(12, 17)));

    private static void WriteChunk(MemoryStream file, string name, byte[] content)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
        file.Write(BigEndian(content.Length));
        file.Write(named);
        file.Write(BigEndian((int)Crc32.HashToUInt32(named)));
    }

    private static byte[] BigEndian(int value) =>
        [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
