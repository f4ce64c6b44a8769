using System.Buffers.Binary;

namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>
/// The headers of a baseline JPEG file (ITU-T T.81, annex B): one scan of 8-bit samples.
/// </summary>
internal sealed class JpegHeader
{
    private const int MaxTables = JpegHuffmanTable.MaxTables;

    private const byte StartOfImage = 0xD8;
    private const byte StartOfFrame = 0xC0;
    private const byte HuffmanTables = 0xC4;
    private const byte StartOfScan = 0xDA;
    private const byte QuantizationTables = 0xDB;
    private const byte DefineRestartInterval = 0xDD;
    private const byte FirstApplication = 0xE0;
    private const byte Adobe = 0xEE;
    private const byte LastApplication = 0xEF;
    private const byte Comment = 0xFE;

    private readonly ushort[]?[] _quantization = new ushort[]?[MaxTables];
    private readonly JpegHuffmanTable?[] _dc = new JpegHuffmanTable?[MaxTables];
    private readonly JpegHuffmanTable?[] _ac = new JpegHuffmanTable?[MaxTables];

    private bool _mayBeYCbCr = true;

    private JpegHeader()
    {
    }

    /// <summary>The last two bytes of a JPEG file.</summary>
    public static ReadOnlySpan<byte> EndOfFile => [0xFF, 0xD9];

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>The components; the first is the luma, if there is one.</summary>
    public JpegComponent[] Components { get; private set; } = [];

    /// <summary>Whether the first component is luma: true for gray and YCbCr, false for RGB and CMYK.</summary>
    public bool HasLuma => Components.Length == 1 || (Components.Length == 3 && _mayBeYCbCr);

    public int McusAcross => DivideUp(Width, 8 * Components[0].Across);

    public int McusDown => DivideUp(Height, 8 * Components[0].Down);

    /// <summary>MCUs between restart markers; 0 if there are none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>Start of the entropy-coded data.</summary>
    public int ScanStart { get; private set; }

    /// <returns>Null for other files: progressive, rare or damaged ones.</returns>
    public static JpegHeader? Read(ReadOnlySpan<byte> file)
    {
        var header = new JpegHeader();
        int at = 2;
        if (file.Length < 4 || file[0] != 0xFF || file[1] != StartOfImage)
        {
            return null;
        }

        while (at + 4 <= file.Length && file[at] == 0xFF)
        {
            if (file[at + 1] == 0xFF)
            {
                // Any number of fill bytes may precede a marker.
                at++;
                continue;
            }

            byte marker = file[at + 1];
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2 || at + 2 + length > file.Length)
            {
                return null;
            }

            ReadOnlySpan<byte> content = file.Slice(at + 4, length - 2);
            at += 2 + length;
            bool good = marker switch
            {
                StartOfFrame => header.ReadFrame(content),
                HuffmanTables => header.ReadHuffmanTables(content),
                QuantizationTables => header.ReadQuantizationTables(content),
                DefineRestartInterval => header.ReadRestartInterval(content),
                StartOfScan => header.ReadScan(content),
                Adobe => header.ReadAdobe(content),
                Comment => true,
                _ => marker is >= FirstApplication and <= LastApplication,
            };
            if (!good)
            {
                return null;
            }

            if (marker == StartOfScan)
            {
                header.ScanStart = at;
                return header;
            }
        }

        return null;
    }

    /// <summary>The component's own size in pixels.</summary>
    public (int Width, int Height) SizeOf(int component) => (
        DivideUp(Width * Components[component].Across, Components[0].Across),
        DivideUp(Height * Components[component].Down, Components[0].Down));

    /// <summary>[64], in zigzag order: the quantization steps of a component.</summary>
    public ushort[] Steps(in JpegComponent component) => _quantization[component.Quantization]!;

    public JpegHuffmanTable Dc(in JpegComponent component) => _dc[component.DcTable]!;

    public JpegHuffmanTable Ac(in JpegComponent component) => _ac[component.AcTable]!;

    /// <summary>The transform in Adobe's marker defines the meaning of three components: 1 is YCbCr.</summary>
    private bool ReadAdobe(ReadOnlySpan<byte> content)
    {
        _mayBeYCbCr =
            content is not [(byte)'A', (byte)'d', (byte)'o', (byte)'b', (byte)'e', _, _, _, _, _, _, not 1, ..];
        return true;
    }

    private bool ReadFrame(ReadOnlySpan<byte> content)
    {
        if (Components.Length > 0 || content.Length < 6 || content[0] != 8)
        {
            return false;
        }

        Height = BinaryPrimitives.ReadUInt16BigEndian(content[1..]);
        Width = BinaryPrimitives.ReadUInt16BigEndian(content[3..]);
        int count = content[5];
        if (Width == 0 || Height == 0 || count is not (1 or 3 or 4) || content.Length != 6 + (3 * count))
        {
            return false;
        }

        Components = new JpegComponent[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> c = content[(6 + (3 * i))..];
            int across = c[1] >> 4;
            int down = c[1] & 0x0F;

            // Numbered 1, 2, 3 as in JFIF; a lone component is never interleaved, so its factors mean nothing.
            if (c[0] != i + 1 || across is not (1 or 2) || down is not (1 or 2) || c[2] >= MaxTables)
            {
                return false;
            }

            Components[i] =
                new JpegComponent(count == 1 ? 1 : across, count == 1 ? 1 : down, c[2], DcTable: 0, AcTable: 0);
        }

        // The luma has the most samples, and so has cyan or red.
        JpegComponent first = Components[0];
        return Array.TrueForAll(Components, c => c.Across <= first.Across && c.Down <= first.Down);
    }

    private bool ReadHuffmanTables(ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            int table = content[0] & 0x0F;
            bool isAc = content[0] >> 4 == 1;
            if (content[0] >> 4 > 1 || table >= MaxTables
                || JpegHuffmanTable.Read(content[1..], isAc, table, out int length) is not { } read)
            {
                return false;
            }

            (isAc ? _ac : _dc)[table] = read;
            content = content[(1 + length)..];
        }

        return true;
    }

    private bool ReadQuantizationTables(ReadOnlySpan<byte> content)
    {
        const int Length = 64;
        while (!content.IsEmpty)
        {
            int table = content[0];
            if (table >= MaxTables || content.Length < 1 + Length)
            {
                return false;
            }

            ushort[] steps = new ushort[Length];
            for (int i = 0; i < Length; i++)
            {
                steps[i] = content[1 + i];
            }

            _quantization[table] = steps;
            content = content[(1 + Length)..];
        }

        return true;
    }

    private bool ReadRestartInterval(ReadOnlySpan<byte> content)
    {
        if (content.Length != sizeof(ushort))
        {
            return false;
        }

        RestartInterval = BinaryPrimitives.ReadUInt16BigEndian(content);
        return true;
    }

    private bool ReadScan(ReadOnlySpan<byte> content)
    {
        int count = Components.Length;
        if (count == 0 || content.Length != 4 + (2 * count) || content[0] != count || content[^3] != 0
            || content[^2] != 63 || content[^1] != 0)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            int dc = content[2 + (2 * i)] >> 4;
            int ac = content[2 + (2 * i)] & 0x0F;
            if (content[1 + (2 * i)] != i + 1 || dc >= MaxTables || ac >= MaxTables || _dc[dc] is null
                || _ac[ac] is null)
            {
                return false;
            }

            Components[i] = Components[i] with { DcTable = dc, AcTable = ac };
        }

        return Array.TrueForAll(Components, c => _quantization[c.Quantization] is not null);
    }

    private static int DivideUp(int dividend, int divisor) => (dividend + divisor - 1) / divisor;
}
