using System.Buffers.Binary;

namespace MnistLstm.Shared.Decoding;

/// <summary>Reads the header of BMP files (Microsoft, "Bitmap Header Types").</summary>
internal static class BmpHeader
{
    private const int FileHeader = 14;
    private const int OldHeader = 12;
    private const int NewHeader = 40;
    private const int MaxPaletteBytes = 1024;

    /// <summary>
    /// The size has 16 bits in OS/2 headers and 32 bits in all later ones; a negative height means rows from the top
    /// down.
    /// </summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < FileHeader + OldHeader)
        {
            return new ImageHeader(ImageFormat.Bmp, 0, 0);
        }

        bool isOld = UInt32(file, FileHeader) == OldHeader;
        int width = isOld ? UInt16(file, 18) : (int)UInt32(file, 18);
        int height = isOld ? UInt16(file, 20) : (int)UInt32(file, 22);
        var header = new ImageHeader(ImageFormat.Bmp, width, height == int.MinValue ? 0 : Math.Abs(height));
        return header with
        {
            HasReservedByte = file.Length >= FileHeader + NewHeader
                && UInt32(file, FileHeader) == NewHeader
                && UInt16(file, 28) == 32,
            DecodingBytes = header.IsEmpty ? 0 : ImageHeader.BytesPerPixel * header.Pixels,
            Problem = header.IsEmpty || IsWhole(file, header, isOld) ? ImageProblem.None : ImageProblem.Damaged,
        };
    }

    /// <summary>
    /// Checks the palette and the pixels in the header against the file. The library would allocate up to 2 GB for a
    /// missing palette, and it makes up missing pixels.
    /// </summary>
    private static bool IsWhole(ReadOnlySpan<byte> file, in ImageHeader header, bool isOld)
    {
        uint start = UInt32(file, 10);
        uint headerLength = UInt32(file, FileHeader);
        if (!isOld && (headerLength < NewHeader || file.Length < FileHeader + NewHeader))
        {
            return false;
        }

        int bits = UInt16(file, isOld ? 24 : 28);
        uint compression = isOld ? 0 : UInt32(file, 30);
        uint compressedBytes = isOld ? 0 : UInt32(file, 34);
        uint colors = isOld ? 0 : UInt32(file, 46);

        // If the header has no number of colors, the palette of a file of up to 8 bits extends to the pixels.
        long paletteBytes = colors > 0 ? 4L * colors : bits <= 8 ? start - FileHeader - (long)headerLength : 0;
        bool isPlain = compression is 0 or 3 or 6;
        long pixelBytes = isPlain ? ((((long)header.Width * bits) + 31) / 32 * 4) * header.Height : compressedBytes;
        return paletteBytes <= MaxPaletteBytes && start + pixelBytes <= file.Length;
    }

    private static int UInt16(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file[at..]);

    private static uint UInt32(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file[at..]);
}
