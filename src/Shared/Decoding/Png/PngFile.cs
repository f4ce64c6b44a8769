using System.Buffers.Binary;
using System.IO.Hashing;

namespace MnistLstm.Shared.Decoding.Png;

/// <summary>What <see cref="PngDecoder"/> has to know of a PNG file (W3C PNG, third edition).</summary>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Samples">Samples a pixel: 1 gray, 3 RGB, 4 RGBA.</param>
/// <param name="SampleBytes">Bytes a sample, 1 or 2.</param>
/// <param name="DataLength">Bytes of all IDAT chunks together.</param>
internal readonly record struct PngFile(int Width, int Height, int Samples, int SampleBytes, int DataLength)
{
    private const int SignatureLength = 8;
    private const int HeaderLength = 13;

    /// <summary>Length, type and checksum.</summary>
    private const int ChunkOverhead = 12;

    private const uint Header = 0x49484452;     // IHDR
    private const uint Data = 0x49444154;       // IDAT
    private const uint End = 0x49454E44;        // IEND

    /// <summary>sBIT: browsers write it, and say that all 8 bits count.</summary>
    private const uint SignificantBits = 0x73424954;

    /// <summary>
    /// Chunks that do not change the pixels: pHYs, tEXt, zTXt, iTXt, tIME, gAMA, cHRM, sRGB, and eXIf, which turns
    /// them.
    /// </summary>
    private static ReadOnlySpan<uint> Harmless =>
        [0x70485973, 0x74455874, 0x7A545874, 0x69545874, 0x74494D45, 0x67414D41, 0x6348524D, 0x73524742, 0x65584966];

    /// <summary>Bytes a pixel.</summary>
    public int PixelBytes => Samples * SampleBytes;

    /// <summary>Bytes a row: its filter and its pixels.</summary>
    public int Stride => 1 + (Width * PixelBytes);

    /// <summary>Reads the chunks and checks their checksums.</summary>
    /// <returns>
    /// Null for what is left to the library: damaged files, and whatever is not 8 or 16 bits a sample, in one pass,
    /// plain.
    /// </returns>
    public static PngFile? Read(ReadOnlySpan<byte> file)
    {
        PngFile? png = null;
        int dataLength = 0;
        bool isDataOver = false;
        ReadOnlySpan<byte> rest = file[Math.Min(SignatureLength, file.Length)..];
        while (ReadChunk(ref rest, out uint type, out ReadOnlySpan<byte> content))
        {
            if (png is null)
            {
                png = type == Header ? ReadHeader(content) : null;
                if (png is null)
                {
                    return null;
                }
            }
            else if (type == Data && !isDataOver)
            {
                dataLength += content.Length;
            }
            else if (type == End)
            {
                return dataLength > 0 ? png.Value with { DataLength = dataLength } : null;
            }
            else if (Harmless.Contains(type) || (type == SignificantBits && !content.ContainsAnyExcept((byte)8)))
            {
                isDataOver = dataLength > 0;
            }
            else
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The compressed pixels: where they are if they are in one piece, otherwise put together.</summary>
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
            if (BinaryPrimitives.ReadUInt32BigEndian(rest[4..]) == Data)
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

    private static bool ReadChunk(ref ReadOnlySpan<byte> rest, out uint type, out ReadOnlySpan<byte> content)
    {
        type = 0;
        content = [];
        if (rest.Length < ChunkOverhead)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > (uint)(rest.Length - ChunkOverhead))
        {
            return false;
        }

        type = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        content = rest.Slice(8, (int)length);
        uint checksum = BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..]);
        if (Crc32.HashToUInt32(rest.Slice(4, 4 + (int)length)) != checksum)
        {
            return false;
        }

        rest = rest[(ChunkOverhead + (int)length)..];
        return true;
    }

    private static PngFile? ReadHeader(ReadOnlySpan<byte> content)
    {
        if (content.Length != HeaderLength)
        {
            return null;
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(content);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(content[4..]);
        int samples = content[8..] switch
        {
            [8 or 16, 0, 0, 0, 0] => 1,
            [8 or 16, 2, 0, 0, 0] => 3,
            [8 or 16, 6, 0, 0, 0] => 4,
            _ => 0,
        };
        return samples > 0 && width is > 0 and <= ushort.MaxValue && height is > 0 and <= ushort.MaxValue
            ? new PngFile((int)width, (int)height, samples, content[8] / 8, DataLength: 0)
            : null;
    }
}
