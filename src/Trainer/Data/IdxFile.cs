using System.Buffers.Binary;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>
/// An array of bytes in MNIST's file format, IDX: two zero bytes, the element type and the number of dimensions. Each
/// dimension follows as a big-endian 32-bit number, then the elements.
/// </summary>
public sealed class IdxFile
{
    private const byte UnsignedByte = 0x08;
    private const uint QmnistLabelsMagic = 0x00000C02; // Yadav and Bottou, 2019: 32-bit numbers, two dimensions
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

    /// <summary>Reads and checks the header.</summary>
    /// <param name="dimensions">How many dimensions the array must have: 3 for images, 1 for labels.</param>
    /// <exception cref="TrainerException">The bytes are something else, and the sentence says what.</exception>
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
                $"'{name}' is not an IDX file of {(dimensions == 1 ? "labels" : "images")}: it starts with "
                + $"0x{magic:X8} and not with 0x{expectedMagic:X8}.");
        }

        var shape = new int[dimensions];
        long length = 1;
        for (int d = 0; d < dimensions; d++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(MagicLength + (d * sizeof(uint))));
            length = size is 0 or > GzipFile.MaxLength ? long.MaxValue : Math.Min(length, GzipFile.MaxLength) * size;
            if (length > GzipFile.MaxLength)
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

    /// <param name="elements">In row-major order.</param>
    public static IdxFile Create(string name, byte[] elements, params int[] shape)
    {
        var header = new byte[HeaderLength(shape.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(header, (UnsignedByte << 8) | (uint)shape.Length);
        for (int d = 0; d < shape.Length; d++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(MagicLength + (d * sizeof(uint))), shape[d]);
        }

        return new IdxFile(name, [.. header, .. elements], shape);
    }

    /// <summary>Reads labels: bytes as in MNIST, or QMNIST's rows of numbers, whose first is the digit.</summary>
    /// <exception cref="TrainerException">The bytes are something else, and the sentence says what.</exception>
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
                + $"and {bytes.Length - HeaderOfTwo:N0} bytes follow.");
        }

        var labels = new byte[rows];
        for (int n = 0; n < rows; n++)
        {
            int label =
                BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(HeaderOfTwo + (int)(n * columns * sizeof(int))));
            labels[n] = label is >= 0 and <= byte.MaxValue
                ? (byte)label
                : throw new TrainerException($"'{name}' has the label {label} at {n:N0}; labels are 0 to 9.");
        }

        return Create(name, labels, (int)rows);
    }

    /// <summary>The SHA-256 of the whole file, uncompressed.</summary>
    public string Sha256() => MnistFile.Hash(_bytes);

    private static int HeaderLength(int dimensions) => MagicLength + (dimensions * sizeof(uint));
}
