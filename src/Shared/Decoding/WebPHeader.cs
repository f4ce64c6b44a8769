using System.Buffers.Binary;

namespace MnistLstm.Shared.Decoding;

/// <summary>Reads the chunks of WebP files (RFC 9649).</summary>
internal static class WebPHeader
{
    // Measured at 6 and 24 megapixels: four bytes for the pixels, the rest for the library's color and alpha planes.
    private const int LossyBytesPerPixel = 8;
    private const int LosslessBytesPerPixel = 9;
    private const int LossyAlphaBytesPerPixel = 14;

    private const int RiffLength = 12;
    private const int ChunkHead = 8;
    private const int CanvasLength = 10;

    /// <summary>Bytes of an animation frame's position, size and duration, before its chunks.</summary>
    private const int FrameHead = 16;

    /// <summary>
    /// Reads the size of the picture or of an animation's first frame. The library makes up missing pixels, so a file
    /// that ends within them counts as damaged.
    /// </summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        var header = new ImageHeader(ImageFormat.WebP, 0, 0);
        ReadOnlySpan<byte> rest = file[RiffLength..];
        (bool hasExif, bool isAnimated) = (false, false);
        for (int segments = 0; rest.Length >= ChunkHead && header.Problem == ImageProblem.None; segments++)
        {
            if (segments > ImageHeader.MaxSegments)
            {
                return header with { Problem = ImageProblem.TooManySegments };
            }

            ReadOnlySpan<byte> type = rest[..4];
            uint announced = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            uint length = Math.Min(announced, (uint)(rest.Length - ChunkHead));
            ReadOnlySpan<byte> content = rest.Slice(ChunkHead, (int)length);
            if (header.IsEmpty)
            {
                header = WithSize(header, SizeOf(type, content));
                if (header.IsEmpty)
                {
                    return header;
                }

                isAnimated = type.SequenceEqual("VP8X"u8) && (content[0] & 2) != 0;
            }

            bool isFrame = isAnimated && header.FirstFrame.Equals(default) && type.SequenceEqual("ANMF"u8);
            if (length < announced && (isFrame || type.StartsWith("VP8"u8) || type.SequenceEqual("ALPH"u8)))
            {
                return header with { Problem = ImageProblem.Damaged };
            }

            int start = file.Length - rest.Length + ChunkHead;
            if (!isAnimated && header.PictureEnd == 0 && IsPicture(type))
            {
                header = WithPicture(header, SizeOf(type, content), end: start + (int)length);
            }

            if (isFrame)
            {
                header = WithFirstFrame(header, content, start);
            }
            else if (!hasExif && type.SequenceEqual("EXIF"u8))
            {
                hasExif = true;
                header = header with { Orientation = ExifOrientation.Read(content) };
            }

            long bytes = Math.Max(header.DecodingBytes, BytesPerPixel(type) * header.Pixels);
            header = header with { DecodingBytes = bytes };

            // Chunks of an odd length are followed by a byte of 0.
            rest = rest[(int)Math.Min(ChunkHead + length + (length & 1), (uint)rest.Length)..];
        }

        bool hasPicture = isAnimated ? !header.FirstFrame.Equals(default) : header.PictureEnd > 0;
        return hasPicture ? header : header with { Problem = ImageProblem.Damaged };
    }

    private static bool IsPicture(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("VP8 "u8) || type.SequenceEqual("VP8L"u8);

    /// <summary>The library uses the size of the picture rather than the canvas, so both must be the same.</summary>
    private static ImageHeader WithPicture(ImageHeader header, (int Width, int Height) size, int end) =>
        size == (header.Width, header.Height)
            ? header with { PictureEnd = end }
            : header with { Problem = ImageProblem.Damaged };

    /// <summary>Builds a file with the first frame only, because the library rejects animations.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="header">The header of an animation.</param>
    public static byte[] ToStill(ReadOnlySpan<byte> file, in ImageHeader header)
    {
        const byte HasAlpha = 0x10;
        ReadOnlySpan<byte> frame = file[header.FirstFrame];
        ReadOnlySpan<byte> chunks = frame[FrameHead..];
        byte[] extension = chunks.StartsWith("ALPH"u8)
            ? [.. "VP8X"u8, CanvasLength, 0, 0, 0, HasAlpha, 0, 0, 0, .. frame.Slice(6, 6)]
            : [];
        byte[] still = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. extension, .. chunks];
        BinaryPrimitives.WriteInt32LittleEndian(still.AsSpan(4), still.Length - ChunkHead);
        return still;
    }

    private static ImageHeader WithSize(in ImageHeader header, (int Width, int Height) size) => header with
    {
        Width = size.Width,
        Height = size.Height,
        DecodingBytes = 0,
    };

    private static int BytesPerPixel(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("VP8 "u8) ? LossyBytesPerPixel
        : type.SequenceEqual("VP8L"u8) ? LosslessBytesPerPixel
        : type.SequenceEqual("ALPH"u8) || type.SequenceEqual("ANMF"u8) ? LossyAlphaBytesPerPixel
        : 0;

    private static ImageHeader WithFirstFrame(in ImageHeader header, ReadOnlySpan<byte> content, int start) =>
        content.Length < FrameHead
            ? header with { Problem = ImageProblem.Damaged }
            : WithSize(header, (UInt24(content[6..]) + 1, UInt24(content[9..]) + 1)) with
            {
                FirstFrame = start..(start + content.Length),
            };

    private static (int Width, int Height) SizeOf(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        const int Size14 = 0x3FFF;
        if (content.Length < CanvasLength)
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

        return type.SequenceEqual("VP8X"u8) ? (UInt24(content[4..]) + 1, UInt24(content[7..]) + 1) : default;
    }

    private static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
}
