using MnistLstm.Support;

namespace MnistLstm.Fuzz;

/// <summary>PNG files (W3C PNG, third edition) of every bit depth, color type and interlacing.</summary>
internal static class PngSeeds
{
    private const int Width = 10;
    private const int Height = 9;
    private const int Palette = 3;

    /// <summary>x and y of the first pixel of each pass, then the steps to the next.</summary>
    private static readonly (int X, int Y, int Across, int Down)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Bit depth, color type and samples in a pixel.</summary>
    private static readonly (int Bits, int ColorType, int Samples)[] Kinds =
    [
        (1, 0, 1), (2, 0, 1), (4, 0, 1), (8, 0, 1), (16, 0, 1), (8, 2, 3), (16, 2, 3), (1, Palette, 1),
        (2, Palette, 1), (4, Palette, 1), (8, Palette, 1), (8, 4, 2), (16, 4, 2), (8, 6, 4), (16, 6, 4),
    ];

    public static IEnumerable<(string Name, byte[] File)> All()
    {
        foreach ((int bits, int colorType, int samples) in Kinds)
        {
            foreach (bool isInterlaced in new[] { false, true })
            {
                string name = $"type-{colorType}-bits-{bits}{(isInterlaced ? "-interlaced" : "")}";
                byte[][] rows = Rows(bits, samples, isInterlaced);
                (string, byte[])[] palette = colorType == Palette ? [("PLTE", Colors(1 << bits))] : [];
                yield return ($"{name}.png", Write(bits, colorType, isInterlaced, rows, palette));
                if (colorType <= Palette)
                {
                    byte[] transparent = colorType == Palette ? [0, 128] : new byte[2 * samples];
                    yield return (
                        $"{name}-trns.png",
                        Write(bits, colorType, isInterlaced, rows, [.. palette, ("tRNS", transparent)]));
                }
            }
        }

        yield return ("chunks.png", Write(8, 2, isInterlaced: false, Rows(8, 3, isInterlaced: false),
        [
            ("cHRM", new byte[32]), ("gAMA", [0, 0, 0xB1, 0x8F]), ("sBIT", [8, 8, 8]), ("sRGB", [0]),
            ("iCCP", [(byte)'a', 0, 0, 0x78, 0x9C, 3, 0, 0, 0, 0, 1]), ("bKGD", new byte[6]),
            ("pHYs", [0, 0, 11, 19, 0, 0, 11, 19, 1]), ("tIME", [7, 234, 1, 2, 3, 4, 5]), ("tEXt", [.. "a\0b"u8]),
            ("zTXt", [(byte)'a', 0, 0, 0x78, 0x9C, 3, 0, 0, 0, 0, 1]), ("iTXt", [.. "a\0\0\0\0\0b"u8]),
            ("eXIf", PictureFiles.Exif(6)),
        ]));
    }

    /// <summary>The rows of each pass, packed; without interlacing, those of one pass of all pixels.</summary>
    private static byte[][] Rows(int bits, int samples, bool isInterlaced)
    {
        var rows = new List<byte[]>();
        foreach ((int left, int top, int across, int down) in isInterlaced ? Adam7 : [(0, 0, 1, 1)])
        {
            for (int y = top; y < Height; y += down)
            {
                var row = new BitWriter();
                for (int x = left; x < Width; x += across)
                {
                    for (int sample = 0; sample < samples; sample++)
                    {
                        int level = Seeds.Level(x, y, Width, Height) + (40 * sample);
                        row.Write((level * 257 & 0xFFFF) >> (16 - bits), bits);
                    }
                }

                rows.Add(row.ToBytes());
            }
        }

        return [.. rows];
    }

    private static byte[] Write(
        int bits, int colorType, bool isInterlaced, byte[][] rows, (string Name, byte[] Content)[] extra)
    {
        byte[] file = PictureFiles.Png(Width, Height, bits, colorType, rows, extra);
        file[28] = isInterlaced ? (byte)1 : (byte)0;
        PictureFiles.RenewHeaderChecksum(file);
        return file;
    }

    private static byte[] Colors(int count) =>
        [.. Enumerable.Range(0, count).SelectMany(i => new[] { (byte)(255 * i / count), (byte)(5 * i), (byte)i })];
}
