using System.Buffers.Binary;
using System.IO.Compression;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>Files of data that may be compressed by gzip.</summary>
public static class GzipFile
{
    /// <summary>The most that is unpacked, in bytes: twenty times MNIST's training images.</summary>
    public const int MaxLength = 1_000_000_000;

    /// <summary>Reads a file's content, uncompressed or compressed by gzip, whatever its name says.</summary>
    /// <exception cref="TrainerException">The file cannot be read or unpacked.</exception>
    public static byte[] Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainerException($"'{path}' cannot be read: {e.Message}");
        }

        return Uncompress(path, bytes);
    }

    /// <summary>The bytes as they are, or unpacked if they are a gzip stream.</summary>
    /// <exception cref="TrainerException">The gzip stream is damaged, cut off or too long.</exception>
    public static byte[] Uncompress(string name, byte[] bytes)
    {
        if (bytes is not [0x1F, 0x8B, ..])
        {
            return bytes;
        }

        try
        {
            using var unpacked = new MemoryStream();
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = gzip.Read(buffer)) > 0;)
            {
                unpacked.Write(buffer, 0, read);
                if (unpacked.Length > MaxLength)
                {
                    throw new TrainerException(
                        $"'{name}' unpacks to more than {MaxLength:N0} bytes; this is not an MNIST file.");
                }
            }

            return HasWholeTrailer(bytes, unpacked.Length)
                ? unpacked.ToArray()
                : throw new TrainerException(
                    $"'{name}' is cut off or has several gzip streams. Copy or download it again, or unpack it first.");
        }
        catch (InvalidDataException)
        {
            throw new TrainerException($"'{name}' is a damaged gzip file. Copy or download it again.");
        }
    }

    /// <summary>
    /// RFC 1952, section 2.3.1: a gzip member ends with its unpacked length. <see cref="GZipStream"/> takes a stream
    /// that stops early for one that ends.
    /// </summary>
    private static bool HasWholeTrailer(byte[] gzip, long unpackedLength) =>
        gzip.Length >= 18
        && BinaryPrimitives.ReadUInt32LittleEndian(gzip.AsSpan(gzip.Length - 4)) == (uint)unpackedLength;
}
