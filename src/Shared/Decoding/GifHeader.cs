using System.Buffers.Binary;

namespace MnistLstm.Shared.Decoding;

/// <summary>Reads a GIF file up to the end of its first frame (GIF89a).</summary>
internal static class GifHeader
{
    private const int SignatureLength = 6;
    private const int ScreenEnd = 13;
    private const int FrameHead = 10;
    private const byte Extension = 0x21;
    private const byte Frame = 0x2C;

    /// <summary>
    /// The library fills in the missing part of a cut-off frame and crops a frame that exceeds the canvas: such files
    /// are damaged.
    /// </summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < SignatureLength + 4)
        {
            return new ImageHeader(ImageFormat.Gif, 0, 0);
        }

        int width = BinaryPrimitives.ReadUInt16LittleEndian(file[6..]);
        int height = BinaryPrimitives.ReadUInt16LittleEndian(file[8..]);
        var header = new ImageHeader(ImageFormat.Gif, width, height);
        return header with
        {
            DecodingBytes = ImageHeader.BytesPerPixel * header.Pixels,
            Problem = file.Length < ScreenEnd
                ? ImageProblem.Damaged
                : FindProblem(Skip(file, ScreenEnd + TableBytes(file[10])), header),
        };
    }

    /// <param name="rest">The file from its first block.</param>
    /// <param name="header">Header of the canvas.</param>
    private static ImageProblem FindProblem(ReadOnlySpan<byte> rest, in ImageHeader header)
    {
        for (int segments = 0; rest.Length > FrameHead; segments++)
        {
            if (segments > ImageHeader.MaxSegments)
            {
                return ImageProblem.TooManySegments;
            }

            if (rest[0] == Frame)
            {
                bool isInside = UInt16(rest, 1) + UInt16(rest, 5) <= header.Width
                    && UInt16(rest, 3) + UInt16(rest, 7) <= header.Height;

                // One byte, the size of codes, comes before the blocks of codes.
                rest = Skip(rest, FrameHead + TableBytes(rest[9]) + 1);
                return isInside && SkipBlocks(ref rest) ? ImageProblem.None : ImageProblem.Damaged;
            }

            bool isExtension = rest[0] == Extension;
            rest = Skip(rest, 2);
            if (!isExtension || !SkipBlocks(ref rest))
            {
                break;
            }
        }

        return ImageProblem.Damaged;
    }

    /// <summary>Each block begins with its length; a block of length 0 is the last.</summary>
    private static bool SkipBlocks(ref ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            int length = rest[0];
            rest = Skip(rest, 1 + length);
            if (length == 0)
            {
                return true;
            }
        }

        return false;
    }

    private static int TableBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> bytes, int count) =>
        bytes[Math.Min(count, bytes.Length)..];
}
