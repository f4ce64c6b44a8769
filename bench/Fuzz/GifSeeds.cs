namespace MnistLstm.Fuzz;

/// <summary>GIF files (87a and 89a) with every kind of frame.</summary>
internal static class GifSeeds
{
    private const int Width = 12;
    private const int Height = 10;
    private const int PaletteBits = 3;

    /// <summary>An image descriptor and the graphic control before it.</summary>
    private sealed record Frame(int X = 0, int Y = 0, int Width = Width, int Height = Height)
    {
        public bool IsInterlaced { get; init; }

        public bool HasPalette { get; init; }

        /// <summary>Null for a frame without graphic control.</summary>
        public byte? Transparent { get; init; }

        public int Disposal { get; init; }
    }

    public static IEnumerable<(string Name, byte[] File)> All()
    {
        var plain = new Frame();
        yield return ("87a.gif", Write("GIF87a", [plain]));
        yield return ("89a.gif", Write("GIF89a", [plain]));
        yield return ("interlaced.gif", Write("GIF89a", [plain with { IsInterlaced = true }]));
        yield return ("transparent.gif", Write("GIF89a", [plain with { Transparent = 1 }]));
        yield return ("local-palette.gif", Write("GIF89a", [plain with { HasPalette = true }], hasPalette: false));
        yield return ("no-palette.gif", Write("GIF89a", [plain], hasPalette: false));
        yield return ("two-palettes.gif", Write("GIF87a", [plain with { HasPalette = true, IsInterlaced = true }]));
        yield return ("small-frame.gif", Write("GIF89a", [new Frame(3, 2, 6, 5) { Transparent = 0 }]));
        yield return ("large-frame.gif", Write("GIF89a", [new Frame(0, 0, Width + 5, Height + 4)]));
        yield return ("outside-frame.gif", Write("GIF89a", [new Frame(Width - 2, Height - 2)]));
        yield return ("animated.gif", Write(
            "GIF89a",
            [plain with { Disposal = 2, Transparent = 2 }, new Frame(1, 1, 5, 5) { Disposal = 3, Transparent = 1 }]));
        yield return ("extensions.gif", Write("GIF89a", [plain], extensions:
        [
            0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0, 0x21, 0xFE, 4, .. "text"u8, 0,
            0x21, 0xFF, 11, .. "XMP DataXMP"u8, 4, .. "<x/>"u8, 0, 0x21, 0x01, 12, .. new byte[12], 1, 65, 0,
        ]));
    }

    private static byte[] Write(string version, Frame[] frames, bool hasPalette = true, byte[]? extensions = null)
    {
        byte[] palette = [.. Enumerable.Range(0, 3 << PaletteBits).Select(i => (byte)(10 * i))];
        List<byte> file =
        [
            .. System.Text.Encoding.ASCII.GetBytes(version), Width, 0, Height, 0,
            (byte)((hasPalette ? 0x80 : 0) | 0x70 | (PaletteBits - 1)), 0, 0,
        ];
        file.AddRange(hasPalette ? palette : []);
        file.AddRange(extensions ?? []);
        foreach (Frame frame in frames)
        {
            if (frame.Transparent is { } transparent)
            {
                file.AddRange([0x21, 0xF9, 4, (byte)((frame.Disposal << 2) | 1), 5, 0, transparent, 0]);
            }

            int flags = (frame.HasPalette ? 0x80 | (PaletteBits - 1) : 0) | (frame.IsInterlaced ? 0x40 : 0);
            file.AddRange(
            [
                0x2C, (byte)frame.X, 0, (byte)frame.Y, 0, (byte)frame.Width, 0, (byte)frame.Height, 0, (byte)flags,
            ]);
            file.AddRange(frame.HasPalette ? palette : []);
            file.Add(PaletteBits);
            foreach (byte[] block in Compress(Indices(frame)).Chunk(255))
            {
                file.AddRange([(byte)block.Length, .. block]);
            }

            file.Add(0);
        }

        file.Add(0x3B);
        return [.. file];
    }

    private static byte[] Indices(Frame frame) =>
    [
        .. Enumerable.Range(0, frame.Width * frame.Height).Select(i =>
            (byte)(Seeds.Level(i % frame.Width, i / frame.Width, frame.Width, frame.Height) >> (8 - PaletteBits)))
    ];

    /// <summary>Appendix F: LZW whose codes grow with the table, the least significant bit first.</summary>
    private static byte[] Compress(byte[] indices)
    {
        const int Clear = 1 << PaletteBits;
        const int End = Clear + 1;
        var table = new Dictionary<(int Prefix, byte Next), int>();
        var bytes = new List<byte>();
        int used = 0;
        int width = PaletteBits + 1;
        Add(Clear);
        int prefix = indices[0];
        foreach (byte next in indices.AsSpan(1))
        {
            if (table.TryGetValue((prefix, next), out int longer))
            {
                prefix = longer;
                continue;
            }

            Add(prefix);
            int code = End + 1 + table.Count;
            table[(prefix, next)] = code;
            width += code == 1 << width ? 1 : 0;
            prefix = next;
        }

        Add(prefix);
        Add(End);
        return [.. bytes];

        void Add(int code)
        {
            for (int i = 0; i < width; i++, used++)
            {
                if (used % 8 == 0)
                {
                    bytes.Add(0);
                }

                bytes[^1] |= (byte)((code >> i & 1) << (used % 8));
            }
        }
    }
}
