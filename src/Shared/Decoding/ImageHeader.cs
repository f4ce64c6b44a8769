using System.Buffers.Binary;
using System.IO.Hashing;

namespace MnistLstm.Shared.Decoding;

/// <summary>
/// What a picture file says of itself before its pixels: all that limits and the choice of a decoder depend on.
/// </summary>
/// <param name="Format">By the first bytes, whatever the file's name or content type says.</param>
/// <param name="Width">In pixels, as stored; 0 where the header is cut off.</param>
/// <param name="Height">In pixels, as stored; 0 where the header is cut off.</param>
public readonly record struct ImageHeader(ImageFormat Format, int Width, int Height)
{
    /// <summary>EXIF orientation, 1 to 8; 1 is upright.</summary>
    public int Orientation { get; init; } = ExifOrientation.Upright;

    /// <summary>
    /// Whether it is a JPEG file whose blocks come once, one after the other, so that it can be decoded in strips.
    /// </summary>
    public bool IsBaselineJpeg { get; init; }

    public long Pixels => (long)Width * Height;

    public bool IsEmpty => Width <= 0 || Height <= 0;

    /// <summary>
    /// Reads a file's header. Never fails: what cannot be read is 0 or <see cref="ImageFormat.Unknown"/>.
    /// </summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file) => ImageFormats.Recognize(file) switch
    {
        ImageFormat.Png => ReadPng(file),
        ImageFormat.Jpeg => ReadJpeg(file),
        ImageFormat.WebP => ReadWebP(file),
        ImageFormat.Gif => ReadGif(file),
        ImageFormat.Bmp => ReadBmp(file),
        _ => default,
    };

    /// <summary>W3C PNG, third edition: IHDR comes first, eXIf anywhere before IEND.</summary>
    private static ImageHeader ReadPng(ReadOnlySpan<byte> file)
    {
        const int Signature = 8;
        const int ChunkOverhead = 12;
        const int HeaderChunk = ChunkOverhead + 13;
        var header = new ImageHeader(ImageFormat.Png, 0, 0);
        ReadOnlySpan<byte> rest = file[Signature..];

        // A damaged header would announce any size.
        if (rest.Length < HeaderChunk
            || !rest[4..].StartsWith("IHDR"u8)
            || Crc32.HashToUInt32(rest[4..(HeaderChunk - 4)])
                != BinaryPrimitives.ReadUInt32BigEndian(rest[(HeaderChunk - 4)..]))
        {
            return header;
        }

        header = header with
        {
            Width = BinaryPrimitives.ReadInt32BigEndian(rest[8..]),
            Height = BinaryPrimitives.ReadInt32BigEndian(rest[12..]),
        };
        rest = rest[HeaderChunk..];
        while (rest.Length >= ChunkOverhead)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > (uint)(rest.Length - ChunkOverhead))
            {
                break;
            }

            if (rest[4..].StartsWith("eXIf"u8))
            {
                return header with { Orientation = ExifOrientation.Read(rest.Slice(8, (int)length)) };
            }

            rest = rest[(ChunkOverhead + (int)length)..];
        }

        return header;
    }

    /// <summary>ITU-T T.81, annex B: segments up to the first scan.</summary>
    private static ImageHeader ReadJpeg(ReadOnlySpan<byte> file)
    {
        const byte StartOfFrame = 0xC0;
        const byte StartOfScan = 0xDA;
        const byte Exif = 0xE1;
        var header = new ImageHeader(ImageFormat.Jpeg, 0, 0);
        ReadOnlySpan<byte> rest = file[2..];
        while (rest.Length >= 4 && rest[0] == 0xFF)
        {
            byte marker = rest[1];
            if (marker == 0xFF)
            {
                rest = rest[1..];
                continue;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (marker == StartOfScan || length < 2 || length > rest.Length - 2)
            {
                break;
            }

            ReadOnlySpan<byte> content = rest.Slice(4, length - 2);
            if (IsFrame(marker) && content.Length >= 6 && header.IsEmpty)
            {
                header = header with
                {
                    Height = BinaryPrimitives.ReadUInt16BigEndian(content[1..]),
                    Width = BinaryPrimitives.ReadUInt16BigEndian(content[3..]),
                    IsBaselineJpeg = marker == StartOfFrame && content[0] == 8,
                };
            }
            else if (marker == Exif && content.StartsWith("Exif\0"u8))
            {
                header = header with { Orientation = ExifOrientation.Read(content) };
            }

            rest = rest[(2 + length)..];
        }

        return header;

        // C4, C8 and CC are tables.
        static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
    }

    /// <summary>RFC 9649: a picture alone, or an extended header with the size of the canvas.</summary>
    private static ImageHeader ReadWebP(ReadOnlySpan<byte> file)
    {
        const int ChunksStart = 12;
        var header = new ImageHeader(ImageFormat.WebP, 0, 0);
        ReadOnlySpan<byte> rest = file[ChunksStart..];
        while (rest.Length >= 8)
        {
            uint length = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]), (uint)(rest.Length - 8));
            ReadOnlySpan<byte> type = rest[..4];
            ReadOnlySpan<byte> content = rest.Slice(8, (int)length);
            if (header.IsEmpty)
            {
                (int width, int height) = WebPSize(type, content);
                header = header with { Width = width, Height = height };
                if (header.IsEmpty)
                {
                    return header;
                }
            }
            else if (type.SequenceEqual("EXIF"u8))
            {
                return header with { Orientation = ExifOrientation.Read(content) };
            }

            // Chunks of an odd length are followed by a byte of 0.
            rest = rest[(int)Math.Min(8 + length + (length & 1), (uint)rest.Length)..];
        }

        return header;
    }

    private static (int Width, int Height) WebPSize(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        const int Size14 = 0x3FFF;
        const int Size24 = 0xFFFFFF;
        if (content.Length < 10)
        {
            return default;
        }

        if (type.SequenceEqual("VP8 "u8) && content[3..].StartsWith<byte>([0x9D, 0x01, 0x2A]))
        {
            return (
                BinaryPrimitives.ReadUInt16LittleEndian(content[6..]) & Size14,
                BinaryPrimitives.ReadUInt16LittleEndian(content[8..]) & Size14);
        }

        if (type.SequenceEqual("VP8L"u8) && content[0] == 0x2F)
        {
            uint sizes = BinaryPrimitives.ReadUInt32LittleEndian(content[1..]);
            return ((int)(sizes & Size14) + 1, (int)((sizes >> 14) & Size14) + 1);
        }

        return type.SequenceEqual("VP8X"u8)
            ? ((BinaryPrimitives.ReadInt32LittleEndian(content[4..]) & Size24) + 1,
                (BinaryPrimitives.ReadInt32LittleEndian(content[6..]) >> 8 & Size24) + 1)
            : default;
    }

    private static ImageHeader ReadGif(ReadOnlySpan<byte> file) => file.Length < 10
        ? new ImageHeader(ImageFormat.Gif, 0, 0)
        : new ImageHeader(
            ImageFormat.Gif, BinaryPrimitives.ReadUInt16LittleEndian(file[6..]),
            BinaryPrimitives.ReadUInt16LittleEndian(file[8..]));

    /// <summary>
    /// The size has 16 bits in the header of OS/2, 32 in all later ones; a negative height is of rows from the top
    /// down.
    /// </summary>
    private static ImageHeader ReadBmp(ReadOnlySpan<byte> file)
    {
        const int OldHeader = 12;
        if (file.Length < 26)
        {
            return new ImageHeader(ImageFormat.Bmp, 0, 0);
        }

        bool isOld = BinaryPrimitives.ReadInt32LittleEndian(file[14..]) == OldHeader;
        int height = isOld
            ? BinaryPrimitives.ReadUInt16LittleEndian(file[20..])
            : BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        return new ImageHeader(
            ImageFormat.Bmp,
            isOld
                ? BinaryPrimitives.ReadUInt16LittleEndian(file[18..])
                : BinaryPrimitives.ReadInt32LittleEndian(file[18..]),
            height == int.MinValue ? 0 : Math.Abs(height));
    }
}
