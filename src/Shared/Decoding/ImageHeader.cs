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
    /// <summary>
    /// Libraries keep a record of every segment or chunk, or search them all for each. A color profile has up to 255
    /// segments, XMP metadata a few hundred; data chunks of a PNG file do not count.
    /// </summary>
    public const int MaxSegments = 2048;

    /// <summary>
    /// Every scan goes through the whole picture and cannot be stopped. Encoders usually write 10, and some dozens by
    /// scripts of their users; the library gives up at 100, after seconds.
    /// </summary>
    public const int MaxScans = 64;

    /// <summary>The library's decoders write whole pictures in four bytes a pixel.</summary>
    private const int BytesPerPixel = 4;

    /// <summary>EXIF orientation, 1 to 8; 1 is upright.</summary>
    public int Orientation { get; init; } = ExifOrientation.Upright;

    /// <summary>
    /// Whether it is a JPEG file whose blocks come once, one after the other, so that it can be decoded in strips.
    /// </summary>
    public bool IsBaselineJpeg { get; init; }

    /// <summary>
    /// About what decoding takes beside the file where it takes memory for every pixel: all files but those of
    /// <see cref="IsBaselineJpeg"/>.
    /// </summary>
    public long DecodingBytes { get; init; }

    /// <summary>Why the file is not to be decoded whatever its size.</summary>
    public ImageProblem Problem { get; init; }

    public long Pixels => (long)Width * Height;

    public bool IsEmpty => Width <= 0 || Height <= 0;

    /// <summary>
    /// Reads a file's header. Never fails: what cannot be read is 0 or <see cref="ImageFormat.Unknown"/>.
    /// </summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file) => ImageFormats.Recognize(file) switch
    {
        ImageFormat.Png => ReadPng(file),
        ImageFormat.Jpeg => ReadJpeg(file),
        ImageFormat.WebP => WithAllPixels(ReadWebP(file)),
        ImageFormat.Gif => WithAllPixels(ReadGif(file)),
        ImageFormat.Bmp => WithAllPixels(ReadBmp(file)),
        _ => default,
    };

    private static ImageHeader WithAllPixels(in ImageHeader header) =>
        header with { DecodingBytes = BytesPerPixel * header.Pixels };

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
        header = header with { DecodingBytes = PngBytesPerPixel(rest[16..]) * header.Pixels };
        rest = rest[HeaderChunk..];
        int segments = 0;
        bool hasExif = false;
        while (rest.Length >= ChunkOverhead)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > (uint)(rest.Length - ChunkOverhead))
            {
                break;
            }

            ReadOnlySpan<byte> type = rest.Slice(4, 4);
            if (type.SequenceEqual("IEND"u8))
            {
                break;
            }

            if (!type.SequenceEqual("IDAT"u8) && ++segments > MaxSegments)
            {
                return header with { Problem = ImageProblem.TooManySegments };
            }

            if (!hasExif && type.SequenceEqual("eXIf"u8))
            {
                hasExif = true;
                header = header with { Orientation = ExifOrientation.Read(rest.Slice(8, (int)length)) };
            }

            rest = rest[(ChunkOverhead + (int)length)..];
        }

        return header;
    }

    /// <param name="content">Of IHDR, behind width and height: bit depth, color type, two methods, interlacing.</param>
    private static int PngBytesPerPixel(ReadOnlySpan<byte> content)
    {
        const byte Gray = 0;
        int decoded = content[1] == Gray && content[0] <= 8 ? 1 : BytesPerPixel;

        // The passes of an interlaced file are collected first, in as many bits as the file has.
        return content[4] == 0 ? decoded : decoded + (content[0] <= 8 ? BytesPerPixel : 2 * BytesPerPixel);
    }

    /// <summary>
    /// ITU-T T.81, annex B: segments up to the first scan, or all of them where there may be more than one scan.
    /// </summary>
    private static ImageHeader ReadJpeg(ReadOnlySpan<byte> file)
    {
        const byte StartOfFrame = 0xC0;
        const byte StartOfScan = 0xDA;
        const byte Exif = 0xE1;
        var header = new ImageHeader(ImageFormat.Jpeg, 0, 0);
        int components = 0;
        long coefficientBytes = 0;
        ReadOnlySpan<byte> rest = file[2..];
        int segments = 0;
        int scans = 0;
        while (ReadSegment(ref rest, out byte marker, out ReadOnlySpan<byte> content))
        {
            if (marker == StartOfScan)
            {
                // Where the first scan lacks a component, others follow.
                if (scans == 0 && !header.IsEmpty && !content.IsEmpty && content[0] < components)
                {
                    header = header with { IsBaselineJpeg = false, DecodingBytes = coefficientBytes };
                }

                if (header.DecodingBytes == 0)
                {
                    break;
                }

                if (++scans > MaxScans)
                {
                    return header with { Problem = ImageProblem.TooManyScans };
                }
            }
            else if (++segments > MaxSegments)
            {
                return header with { Problem = ImageProblem.TooManySegments };
            }
            else if (IsFrame(marker) && content.Length >= 6 && header.IsEmpty)
            {
                components = content[5];
                coefficientBytes = CoefficientBytes(content);
                header = header with
                {
                    Height = BinaryPrimitives.ReadUInt16BigEndian(content[1..]),
                    Width = BinaryPrimitives.ReadUInt16BigEndian(content[3..]),
                    IsBaselineJpeg = marker == StartOfFrame && content[0] == 8,
                    DecodingBytes = IsProgressive(marker) ? coefficientBytes : 0,
                };
            }
            else if (marker == Exif && scans == 0 && content.StartsWith("Exif\0"u8))
            {
                header = header with { Orientation = ExifOrientation.Read(content) };
            }
        }

        return header;

        // C4, C8 and CC are tables.
        static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

        static bool IsProgressive(byte marker) => marker is 0xC2 or 0xC6 or 0xCA or 0xCE;
    }

    /// <summary>
    /// Finds the next segment as libjpeg does: past fill bytes, coded data, and anything that is no marker.
    /// </summary>
    /// <returns>False at the end of the picture, and where a segment is cut off.</returns>
    private static bool ReadSegment(ref ReadOnlySpan<byte> rest, out byte marker, out ReadOnlySpan<byte> content)
    {
        const byte StartOfImage = 0xD8;
        const byte EndOfImage = 0xD9;
        marker = 0;
        content = [];
        while (rest.IndexOf(byte.MaxValue) is var start and >= 0)
        {
            rest = rest[start..];
            int fill = rest.IndexOfAnyExcept(byte.MaxValue);
            if (fill < 0)
            {
                return false;
            }

            marker = rest[fill];
            rest = rest[(fill + 1)..];
            if (marker is 0x00 or 0x01 or (>= 0xD0 and < StartOfImage))
            {
                // A coded FF, or a marker without content.
                continue;
            }

            int length = rest.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (marker is StartOfImage or EndOfImage || length < 2 || length > rest.Length)
            {
                return false;
            }

            content = rest[2..length];
            rest = rest[length..];
            return true;
        }

        return false;
    }

    /// <summary>
    /// What the library keeps until the last scan: two bytes for each coefficient of whole MCUs of all components.
    /// </summary>
    private static long CoefficientBytes(ReadOnlySpan<byte> frame)
    {
        const int BlockSide = 8;
        const int BlockBytes = 64 * sizeof(short);
        int height = BinaryPrimitives.ReadUInt16BigEndian(frame[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(frame[3..]);
        int mostAcross = 1;
        int mostDown = 1;
        int blocks = 0;
        for (int at = 7; at < Math.Min(frame.Length, 6 + (3 * frame[5])); at += 3)
        {
            int across = frame[at] >> 4;
            int down = frame[at] & 0x0F;
            mostAcross = Math.Max(mostAcross, across);
            mostDown = Math.Max(mostDown, down);
            blocks += across * down;
        }

        long mcusAcross = (width + (BlockSide * mostAcross) - 1) / (BlockSide * mostAcross);
        long mcusDown = (height + (BlockSide * mostDown) - 1) / (BlockSide * mostDown);
        return mcusAcross * mcusDown * blocks * BlockBytes;
    }

    /// <summary>RFC 9649: a picture alone, or an extended header with the size of the canvas.</summary>
    private static ImageHeader ReadWebP(ReadOnlySpan<byte> file)
    {
        const int ChunksStart = 12;
        var header = new ImageHeader(ImageFormat.WebP, 0, 0);
        ReadOnlySpan<byte> rest = file[ChunksStart..];
        bool hasExif = false;
        for (int segments = 0; rest.Length >= 8; segments++)
        {
            if (segments > MaxSegments)
            {
                return header with { Problem = ImageProblem.TooManySegments };
            }

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
            else if (!hasExif && type.SequenceEqual("EXIF"u8))
            {
                hasExif = true;
                header = header with { Orientation = ExifOrientation.Read(content) };
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
