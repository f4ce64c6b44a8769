using System.Buffers.Binary;

namespace MnistLstm.Shared.Decoding;

/// <summary>
/// Reads the camera's orientation from EXIF data (Exif 2.32, tag 0x0112 of the first directory of a TIFF structure).
/// </summary>
internal static class ExifOrientation
{
    /// <summary>The picture is upright.</summary>
    public const int Upright = 1;

    /// <summary>From this value on, the stored width is the displayed height.</summary>
    public const int FirstSideways = 5;

    private const ushort Tag = 0x0112;
    private const int HeaderLength = 8;
    private const int EntryLength = 12;

    /// <summary>The orientation after a further clockwise rotation of the upright picture by 90 degrees.</summary>
    public static int TurnClockwise(int orientation) => orientation switch
    {
        1 => 6,
        6 => 3,
        3 => 8,
        8 => 1,
        2 => 7,
        7 => 4,
        4 => 5,
        _ => 2,
    };

    /// <param name="exif">EXIF data, with or without the "Exif" signature of JPEG files.</param>
    /// <returns>1 to 8; 1 if the data has no valid orientation.</returns>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0"u8))
        {
            exif = exif[Math.Min("Exif\0\0"u8.Length, exif.Length)..];
        }

        bool isBigEndian = exif.StartsWith("MM\0*"u8);
        if (exif.Length < HeaderLength || (!isBigEndian && !exif.StartsWith("II*\0"u8)))
        {
            return Upright;
        }

        uint directory = ReadUInt32(exif[4..]);
        if (directory > (uint)exif.Length - 2)
        {
            return Upright;
        }

        ReadOnlySpan<byte> entries = exif[((int)directory + 2)..];
        for (int left = ReadUInt16(exif[(int)directory..]); left > 0 && entries.Length >= EntryLength; left--)
        {
            if (ReadUInt16(entries) == Tag)
            {
                int orientation = ReadUInt16(entries[8..]);
                return orientation is >= 1 and <= 8 ? orientation : Upright;
            }

            entries = entries[EntryLength..];
        }

        return Upright;

        ushort ReadUInt16(ReadOnlySpan<byte> at) =>
            isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);

        uint ReadUInt32(ReadOnlySpan<byte> at) =>
            isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);
    }
}
