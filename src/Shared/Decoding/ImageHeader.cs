using System.Buffers.Binary;
using MnistLstm.Shared.Decoding.Jpeg;
using MnistLstm.Shared.Decoding.Png;

namespace MnistLstm.Shared.Decoding;

/// <summary>The header of a picture file: everything that the limits and the choice of decoder need.</summary>
/// <param name="Format">Detected from the first bytes, not from the file's name or content type.</param>
/// <param name="Width">Width in pixels, as stored; 0 if the header is cut off.</param>
/// <param name="Height">Height in pixels, as stored; 0 if the header is cut off.</param>
public readonly record struct ImageHeader(ImageFormat Format, int Width, int Height)
{
    /// <summary>
    /// Libraries store every segment or chunk, or search all of them for each one. A color profile has up to 255
    /// segments, XMP metadata a few hundred; data chunks of a PNG file do not count.
    /// </summary>
    public const int MaxSegments = 2048;

    /// <summary>
    /// Every scan goes through the whole picture and cannot be canceled. Encoders usually write 10 scans, and dozens
    /// with custom scripts; the library gives up at 100, after several seconds.
    /// </summary>
    public const int MaxScans = 64;

    /// <summary>
    /// The library decodes to four bytes per pixel. Measured at 6 to 24 megapixels: GIF, BMP and CMYK JPEG 4.0 bytes,
    /// progressive JPEG 4.0 and its coefficients; see <see cref="WebPHeader"/> for WebP.
    /// </summary>
    internal const int BytesPerPixel = 4;

    /// <summary>EXIF orientation, 1 to 8; 1 is upright.</summary>
    public int Orientation { get; init; } = ExifOrientation.Upright;

    /// <summary>Whether our own decoder reads the file, a strip at a time: a baseline JPEG, gray or YCbCr.</summary>
    public bool IsBaselineJpeg => Jpeg is { HasLuma: true };

    /// <summary>
    /// Approximate memory for decoding, in addition to the file; 0 for files that our own decoders read a row or a
    /// strip at a time.
    /// </summary>
    public long DecodingBytes { get; init; }

    /// <summary>The headers of a baseline JPEG; null for all other files.</summary>
    internal JpegHeader? Jpeg { get; init; }

    /// <summary>The chunks of a PNG file; null in all other files.</summary>
    internal PngFile? Png { get; init; }

    /// <summary>
    /// End of the picture in a WebP file; 0 for other files. The library misreads a chunk of odd length, and might take
    /// what follows for another picture.
    /// </summary>
    internal int PictureEnd { get; init; }

    /// <summary>Whether the fourth byte of a pixel is reserved rather than alpha.</summary>
    internal bool HasReservedByte { get; init; }

    /// <summary>Position of the first frame of an animated WebP file; empty for all other files.</summary>
    internal Range FirstFrame { get; init; }

    /// <summary>The reason not to decode the file, regardless of its size.</summary>
    public ImageProblem Problem { get; init; }

    public long Pixels => (long)Width * Height;

    /// <summary>Width and height of the picture as displayed, after its orientation.</summary>
    public (int Width, int Height) DisplayedSize =>
        Orientation >= ExifOrientation.FirstSideways ? (Height, Width) : (Width, Height);

    public bool IsEmpty => Width <= 0 || Height <= 0;

    /// <summary>The header of the same picture, rotated clockwise by 0, 90, 180 or 270 degrees.</summary>
    public ImageHeader Turn(int degrees)
    {
        int orientation = Orientation;
        for (int turned = 0; turned < degrees; turned += 90)
        {
            orientation = ExifOrientation.TurnClockwise(orientation);
        }

        return this with { Orientation = orientation };
    }

    /// <summary>
    /// Reads a file's header. Never throws: unreadable values are 0 or <see cref="ImageFormat.Unknown"/>.
    /// </summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file) => ImageFormats.Recognize(file) switch
    {
        ImageFormat.Png => ReadPng(file),
        ImageFormat.Jpeg => ReadJpeg(file),
        ImageFormat.WebP => WebPHeader.Read(file),
        ImageFormat.Gif => GifHeader.Read(file),
        ImageFormat.Bmp => BmpHeader.Read(file),
        _ => default,
    };

    private static ImageHeader ReadPng(ReadOnlySpan<byte> file)
    {
        if (PngFile.Read(file) is not { } png)
        {
            return new ImageHeader(ImageFormat.Png, 0, 0);
        }

        // Our own decoder reads a row at a time, except for interlaced files, whose passes it combines.
        int bytesPerPixel = !png.IsInterlaced ? 0 : png.IsOpaqueGray ? 1 : BytesPerPixel;
        return new ImageHeader(ImageFormat.Png, png.Width, png.Height)
        {
            Orientation = png.Orientation,
            DecodingBytes = bytesPerPixel * (long)png.Width * png.Height,
            Problem = png.Segments > MaxSegments ? ImageProblem.TooManySegments : ImageProblem.None,
            Png = png,
        };
    }

    /// <summary>
    /// Reads the segments (ITU-T T.81, annex B) up to the first scan of a baseline file, or to the end of any other.
    /// The library fills missing parts with gray, so a file for it that has no end marker counts as cut off.
    /// </summary>
    private static ImageHeader ReadJpeg(ReadOnlySpan<byte> file)
    {
        const byte StartOfScan = 0xDA;
        const byte EndOfImage = 0xD9;
        const byte Exif = 0xE1;
        var header = new ImageHeader(ImageFormat.Jpeg, 0, 0);
        ReadOnlySpan<byte> rest = file[2..];
        int segments = 0;
        int scans = 0;
        byte marker;
        while (ReadSegment(ref rest, out marker, out ReadOnlySpan<byte> content))
        {
            if (marker == StartOfScan)
            {
                if (scans == 0 && JpegHeader.Read(file) is { } baseline)
                {
                    return header with
                    {
                        Jpeg = baseline,
                        DecodingBytes = baseline.HasLuma ? 0 : BytesPerPixel * header.Pixels,
                    };
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
                header = header with
                {
                    Height = BinaryPrimitives.ReadUInt16BigEndian(content[1..]),
                    Width = BinaryPrimitives.ReadUInt16BigEndian(content[3..]),
                };
                header = header with { DecodingBytes = (BytesPerPixel * header.Pixels) + CoefficientBytes(content) };
            }
            else if (marker == Exif && scans == 0 && content.StartsWith("Exif\0"u8))
            {
                header = header with { Orientation = ExifOrientation.Read(content) };
            }
        }

        return marker == EndOfImage ? header : header with { Problem = ImageProblem.Damaged };

        // C4, C8 and CC are tables.
        static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
    }

    /// <summary>
    /// Finds the next segment as libjpeg does: skips fill bytes, coded data, and anything that is not a marker.
    /// </summary>
    /// <returns>False at the end of the picture, and with another marker if a segment is cut off.</returns>
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
                break;
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

        marker = 0;
        return false;
    }

    /// <summary>
    /// Memory that the library holds until the last scan: two bytes for each coefficient of the whole MCUs of all
    /// components.
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
}
