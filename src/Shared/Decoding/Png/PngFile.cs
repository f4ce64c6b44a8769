using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;

namespace MnistLstm.Shared.Decoding.Png;

/// <summary>The headers of a PNG file and the positions of its chunks (W3C PNG, third edition).</summary>
internal sealed class PngFile
{
    public const int Gray = 0;
    public const int Rgb = 2;
    public const int Palette = 3;
    public const int GrayAlpha = 4;
    public const int Rgba = 6;

    private const int SignatureLength = 8;
    private const int HeaderLength = 13;

    /// <summary>Length, type and checksum.</summary>
    private const int ChunkOverhead = 12;

    private const uint HeaderChunk = 0x49484452;        // IHDR
    private const uint PaletteChunk = 0x504C5445;       // PLTE
    private const uint DataChunk = 0x49444154;          // IDAT
    private const uint EndChunk = 0x49454E44;           // IEND
    private const uint TransparencyChunk = 0x74524E53;  // tRNS
    private const uint ExifChunk = 0x65584966;          // eXIf

    /// <summary>Bit 5 of a type's first letter: a decoder that does not know the chunk may skip it.</summary>
    private const uint Ancillary = 0x20000000;

    /// <summary>A chunk type has four letters.</summary>
    private static readonly SearchValues<byte> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private bool _hasExif;
    private bool _isDataOver;

    private PngFile()
    {
    }

    public int Width { get; private init; }

    public int Height { get; private init; }

    /// <summary>Bits per sample: 1, 2, 4, 8 or 16.</summary>
    public int BitDepth { get; private init; }

    /// <summary><see cref="Gray"/>, <see cref="Rgb"/>, <see cref="Palette"/> and so on.</summary>
    public int ColorType { get; private init; }

    public bool IsInterlaced { get; private init; }

    /// <summary>EXIF orientation, 1 to 8; 1 is upright.</summary>
    public int Orientation { get; private set; } = ExifOrientation.Upright;

    /// <summary>Range of the palette's colors in the file, three bytes each.</summary>
    public Range Colors { get; private set; }

    /// <summary>Range of the palette's alpha values or of the transparent color; empty if there are none.</summary>
    public Range Transparency { get; private set; }

    /// <summary>Total bytes of all IDAT chunks; 0 if the file cannot be decoded.</summary>
    public int DataLength { get; private set; }

    /// <summary>Number of chunks other than IDAT, up to one more than <see cref="ImageHeader.MaxSegments"/>.</summary>
    public int Segments { get; private set; }

    /// <summary>Samples per pixel.</summary>
    public int Channels => ColorType switch { Rgb => 3, GrayAlpha => 2, Rgba => 4, _ => 1 };

    public bool HasColor => ColorType is not (Gray or GrayAlpha);

    /// <summary>Whether the picture is gray and fully opaque.</summary>
    public bool IsOpaqueGray => ColorType == Gray && Transparency.Equals(default);

    /// <summary>The distance between neighboring bytes for filters.</summary>
    public int FilterBytes => Math.Max(1, Channels * BitDepth / 8);

    /// <summary>Bytes of a row: its filter type and its pixels.</summary>
    public int Stride(int width) => 1 + (int)((((long)width * Channels * BitDepth) + 7) / 8);

    /// <summary>Reads the chunks and checks their checksums.</summary>
    /// <returns>Null if the header is damaged or invalid.</returns>
    public static PngFile? Read(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> rest = file[Math.Min(SignatureLength, file.Length)..];
        if (!ReadChunk(ref rest, out uint type, out ReadOnlySpan<byte> content, out bool isWhole)
            || type != HeaderChunk
            || !isWhole
            || ReadHeader(content) is not { } png)
        {
            return null;
        }

        int dataLength = 0;
        while (ReadChunk(ref rest, out type, out content, out isWhole))
        {
            if (type == EndChunk)
            {
                break;
            }

            if (type != DataChunk && ++png.Segments > ImageHeader.MaxSegments)
            {
                return png;
            }

            if (isWhole && type == DataChunk && !png._isDataOver)
            {
                dataLength += content.Length;
                continue;
            }

            png._isDataOver = dataLength > 0;
            bool isCritical = (type & Ancillary) == 0;
            if (isCritical && (!isWhole || type != PaletteChunk))
            {
                return png;
            }

            int end = file.Length - rest.Length - (ChunkOverhead - 8);
            png.TakeChunk(type, isWhole ? content : [], (end - content.Length)..end);
        }

        bool isGood = png.ColorType != Palette || !png.Colors.Equals(default);
        png.DataLength = isGood ? dataLength : 0;
        return png;
    }

    /// <summary>The compressed pixels: a slice of the file if they are in one chunk, otherwise a joined copy.</summary>
    /// <param name="file">The same file.</param>
    /// <param name="joined">Room for <see cref="DataLength"/> bytes.</param>
    public ReadOnlySpan<byte> FindData(ReadOnlySpan<byte> file, Span<byte> joined)
    {
        int length = 0;
        ReadOnlySpan<byte> rest = file[SignatureLength..];
        while (length < DataLength)
        {
            int contentLength = BinaryPrimitives.ReadInt32BigEndian(rest);
            ReadOnlySpan<byte> content = rest.Slice(8, contentLength);
            if (BinaryPrimitives.ReadUInt32BigEndian(rest[4..]) == DataChunk)
            {
                if (contentLength == DataLength)
                {
                    return content;
                }

                content.CopyTo(joined[length..]);
                length += contentLength;
            }

            rest = rest[(ChunkOverhead + contentLength)..];
        }

        return joined[..length];
    }

    /// <returns>False if the file ends within a chunk or continues with something else.</returns>
    private static bool ReadChunk(
        ref ReadOnlySpan<byte> rest, out uint type, out ReadOnlySpan<byte> content, out bool isWhole)
    {
        type = 0;
        content = [];
        isWhole = false;
        if (rest.Length < ChunkOverhead)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > (uint)(rest.Length - ChunkOverhead) || rest.Slice(4, 4).ContainsAnyExcept(Letters))
        {
            return false;
        }

        type = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        content = rest.Slice(8, (int)length);
        uint checksum = BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..]);
        isWhole = Crc32.HashToUInt32(rest.Slice(4, 4 + (int)length)) == checksum;
        rest = rest[(ChunkOverhead + (int)length)..];
        return true;
    }

    private static PngFile? ReadHeader(ReadOnlySpan<byte> content)
    {
        if (content.Length != HeaderLength
            || content[8..] is not ([1 or 2 or 4 or 8 or 16, Gray, 0, 0, 0 or 1]
                or [8 or 16, Rgb or GrayAlpha or Rgba, 0, 0, 0 or 1]
                or [1 or 2 or 4 or 8, Palette, 0, 0, 0 or 1]))
        {
            return null;
        }

        return new PngFile
        {
            Width = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(content)),
            Height = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(content[4..])),
            BitDepth = content[8],
            ColorType = content[9],
            IsInterlaced = content[12] == 1,
        };
    }

    /// <param name="content">The content; empty if the checksum is wrong.</param>
    /// <param name="place">Position of the content in the file.</param>
    private void TakeChunk(uint type, ReadOnlySpan<byte> content, Range place)
    {
        const int MaxColors = 256;
        switch (type)
        {
            case PaletteChunk when !_isDataOver && content.Length is > 0 and <= 3 * MaxColors
                && content.Length % 3 == 0:
                Colors = place;
                break;
            case TransparencyChunk when !_isDataOver && IsTransparency(content.Length):
                Transparency = place;
                break;
            case ExifChunk when !_hasExif && !content.IsEmpty:
                _hasExif = true;
                Orientation = ExifOrientation.Read(content);
                break;
            default:
                break;
        }
    }

    private bool IsTransparency(int length) => ColorType switch
    {
        Gray => length == 2,
        Rgb => length == 6,
        Palette => length > 0 && 3 * length <= Colors.End.Value - Colors.Start.Value,
        _ => false,
    };
}
