using System.Buffers.Binary;
using System.IO.Compression;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>
/// An array of bytes in the IDX format, the one that MNIST is published in: two zero bytes, the element type, the
/// number of dimensions, each dimension as a big-endian 32-bit number, then the elements.
/// </summary>
public sealed class IdxFile
{
    /// <summary>The largest array that is read, in bytes: twenty times MNIST's training images.</summary>
    public const int MaxLength = 1_000_000_000;

    private const byte UnsignedByte = 0x08;
    private const uint QmnistLabelsMagic = 0x00000C02; // 32-bit numbers, two dimensions
    private const int MagicLength = 4;

    private readonly byte[] _bytes;
    private readonly int _headerLength;

    private IdxFile(string name, byte[] bytes, int[] shape)
    {
        Name = name;
        Shape = shape;
        _bytes = bytes;
        _headerLength = HeaderLength(shape.Length);
    }

    public string Name { get; }

    public IReadOnlyList<int> Shape { get; }

    /// <summary>Elements in row-major order.</summary>
    public ReadOnlySpan<byte> Elements => _bytes.AsSpan(_headerLength);

    /// <summary>Reads a file's content, uncompressed or compressed by gzip, whatever its name says.</summary>
    /// <exception cref="TrainerException">The file cannot be read or unpacked.</exception>
    public static byte[] ReadUncompressed(string path)
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
                    $"'{name}' is cut off: its gzip stream ends too early. Copy or download it again.");
        }
        catch (InvalidDataException)
        {
            throw new TrainerException($"'{name}' is a damaged gzip file. Copy or download it again.");
        }
    }

    /// <summary>Reads and checks the header.</summary>
    /// <param name="name">The name for messages.</param>
    /// <param name="bytes">The whole uncompressed file.</param>
    /// <param name="dimensions">How many dimensions the array must have: 3 for images, 1 for labels.</param>
    /// <exception cref="TrainerException">The bytes are no such array; the sentence says what they are
    /// instead.</exception>
    public static IdxFile Parse(string name, byte[] bytes, int dimensions)
    {
        if (bytes.Length < HeaderLength(dimensions))
        {
            throw new TrainerException(
                $"'{name}' is cut off: it has {bytes.Length:N0} bytes, and its header alone takes "
                + $"{HeaderLength(dimensions)}.");
        }

        uint expectedMagic = (UnsignedByte << 8) | (uint)dimensions;
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (magic != expectedMagic)
        {
            throw new TrainerException(
                $"'{name}' is not an IDX file of {Kind(dimensions)}: it starts with 0x{magic:X8} and not with "
                + $"0x{expectedMagic:X8}.");
        }

        var shape = new int[dimensions];
        long length = 1;
        for (int d = 0; d < dimensions; d++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(MagicLength + (d * sizeof(uint))));
            length = size == 0 || size > MaxLength ? long.MaxValue : Math.Min(length, MaxLength) * size;
            if (length > MaxLength)
            {
                throw new TrainerException($"'{name}' announces a dimension of {size:N0}, which no MNIST file has.");
            }

            shape[d] = (int)size;
        }

        long actual = bytes.Length - HeaderLength(dimensions);
        if (actual != length)
        {
            string verdict = actual < length ? "is cut off" : "is too long";
            throw new TrainerException(
                $"'{name}' {verdict}: its header announces {string.Join(" x ", shape)} = {length:N0} bytes "
                + $"and {actual:N0} follow.");
        }

        return new IdxFile(name, bytes, shape);
    }

    /// <summary>Makes an array of bytes.</summary>
    /// <param name="name">The name for messages.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="fill">Receives the elements, all 0, and writes them.</param>
    public static IdxFile Create(string name, int[] shape, Action<Memory<byte>> fill)
    {
        var bytes =
            new byte[HeaderLength(shape.Length) + shape.Aggregate(1, (product, size) => checked(product * size))];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (UnsignedByte << 8) | (uint)shape.Length);
        for (int d = 0; d < shape.Length; d++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(MagicLength + (d * sizeof(uint))), shape[d]);
        }

        fill(bytes.AsMemory(HeaderLength(shape.Length)));
        return new IdxFile(name, bytes, shape);
    }

    /// <summary>
    /// Reads labels: bytes as in MNIST, or rows of 32-bit numbers as in QMNIST (Yadav and Bottou, 2019), the first of
    /// which is the digit.
    /// </summary>
    /// <exception cref="TrainerException">The bytes are no such array; the sentence says what they are
    /// instead.</exception>
    public static IdxFile ParseLabels(string name, byte[] bytes)
    {
        const int HeaderOfTwo = MagicLength + (2 * sizeof(uint));
        if (bytes.Length < HeaderOfTwo || BinaryPrimitives.ReadUInt32BigEndian(bytes) != QmnistLabelsMagic)
        {
            return Parse(name, bytes, dimensions: 1);
        }

        uint rows = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(MagicLength));
        uint columns = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(MagicLength + sizeof(uint)));
        if (rows == 0 || columns == 0 || bytes.Length - HeaderOfTwo != (long)rows * columns * sizeof(int))
        {
            throw new TrainerException(
                $"'{name}' is cut off or too long: its header announces {rows:N0} x {columns:N0} numbers of 4 bytes "
                + $"and "
                + $"{bytes.Length - HeaderOfTwo:N0} bytes follow.");
        }

        return Create(name, [(int)rows], labels =>
        {
            for (int n = 0; n < rows; n++)
            {
                int label =
                    BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(HeaderOfTwo + (int)(n * columns * sizeof(int))));
                labels.Span[n] = label is >= 0 and <= byte.MaxValue
                    ? (byte)label
                    : throw new TrainerException($"'{name}' has the label {label} at {n:N0}; labels are 0 to 9.");
            }
        });
    }

    /// <summary>The SHA-256 of the whole file, uncompressed.</summary>
    public string Sha256() => MnistFile.Hash(_bytes);

    private static int HeaderLength(int dimensions) => MagicLength + (dimensions * sizeof(uint));

    private static string Kind(int dimensions) => dimensions == 1 ? "labels" : "images";

    /// <summary>
    /// RFC 1952, section 2.3.1: a gzip member ends with its unpacked length. <see cref="GZipStream"/> takes a stream
    /// that stops early for one that ends.
    /// </summary>
    private static bool HasWholeTrailer(byte[] gzip, long unpackedLength) =>
        gzip.Length >= 18
        && BinaryPrimitives.ReadUInt32LittleEndian(gzip.AsSpan(gzip.Length - 4)) == (uint)unpackedLength;
}
