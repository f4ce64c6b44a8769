using System.Buffers.Binary;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Tests.Data;

public sealed class IdxFileTests : IDisposable
{
    private const int Images = 3;
    private const int Labels = 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("mnist-lstm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Images_and_labels_are_read_with_their_shape()
    {
        IdxFile images = IdxFile.Parse("images", Idx(0x803, [2, 3, 4], length: 24), Images);
        IdxFile labels = IdxFile.Parse("labels", Idx(0x801, [5], length: 5), Labels);

        images.Shape.ShouldBe([2, 3, 4]);
        images.Elements.ToArray().ShouldBe([.. Enumerable.Range(0, 24).Select(i => (byte)i)]);
        labels.Shape.ShouldBe([5]);
        labels.Elements.Length.ShouldBe(5);
    }

    [Fact]
    public void Labels_instead_of_images_are_detected_by_their_magic_number() =>
        Problem(Idx(0x801, [24], length: 24), Images)
            .ShouldBe("'file' is not an IDX file of images: it starts with 0x00000801 and not with 0x00000803.");

    [Fact]
    public void A_file_that_is_not_IDX_is_detected_by_its_first_bytes() =>
        Problem("<html><body>Not found"u8.ToArray(), Labels)
            .ShouldBe("'file' is not an IDX file of labels: it starts with 0x3C68746D and not with 0x00000801.");

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(15)]
    public void A_header_that_is_truncated_is_rejected(int length) =>
        Problem(Idx(0x803, [2, 3, 4], length: 24)[..length], Images)
            .ShouldBe($"'file' is cut off: it has {length} bytes, and its header alone takes 16.");

    [Fact]
    public void Fewer_elements_than_announced_are_rejected() =>
        Problem(Idx(0x803, [2, 3, 4], length: 23), Images)
            .ShouldBe("'file' is cut off: its header announces 2 x 3 x 4 = 24 bytes and 23 follow.");

    [Fact]
    public void More_elements_than_announced_are_rejected() =>
        Problem(Idx(0x801, [5], length: 6), Labels)
        .ShouldBe("'file' is too long: its header announces 5 = 5 bytes and 6 follow.");

    [Theory]
    [InlineData(0, 3, 4)]
    [InlineData(2, 0, 4)]
    [InlineData(-1, 3, 4)] // 4,294,967,295 images
    [InlineData(60_000, 60_000, 1)]
    [InlineData(65_536, 65_536, 65_536)] // the product is 0 in 32 bits and in 48
    public void Dimensions_beyond_MNIST_are_rejected_before_any_allocation(int count, int height, int width) =>
        Problem(Idx(0x803, [count, height, width], length: 24), Images).ShouldContain("announces a dimension of");

    [Fact]
    public void A_gzip_file_and_the_plain_one_are_read_alike_whatever_the_name_says()
    {
        byte[] plain = Idx(0x801, [5], length: 5);

        GzipFile.Read(Write("plain.gz", plain)).ShouldBe(plain);
        GzipFile.Read(Write("packed", Gzip.Compress(plain))).ShouldBe(plain);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)] // the whole trailer
    [InlineData(20)]
    public void A_gzip_file_that_is_truncated_is_rejected(int missing)
    {
        byte[] packed = Gzip.Compress(Idx(0x801, [200], length: 200));

        Should.Throw<TrainerException>(() => GzipFile.Uncompress("file.gz", packed[..^missing]))
            .Message.ShouldMatch("^'file.gz' is (cut off|a damaged gzip file)");
    }

    [Fact]
    public void A_gzip_file_with_a_changed_byte_is_rejected()
    {
        byte[] packed = Gzip.Compress(Idx(0x801, [200], length: 200));
        packed[packed.Length / 2] ^= 0xFF;

        Should.Throw<TrainerException>(() => GzipFile.Uncompress("file.gz", packed));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        string path = Path.Combine(_folder, "nothing");

        Should.Throw<TrainerException>(() =>
            GzipFile.Read(path)).Message.ShouldStartWith($"'{path}' cannot be read");
    }

    private static string Problem(byte[] bytes, int dimensions) =>
        Should.Throw<TrainerException>(() => IdxFile.Parse("file", bytes, dimensions)).Message;

    private static byte[] Idx(int magic, int[] shape, int length)
    {
        byte[] header = new byte[4 + (4 * shape.Length)];
        BinaryPrimitives.WriteInt32BigEndian(header, magic);
        for (int d = 0; d < shape.Length; d++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * d)), shape[d]);
        }

        return [.. header, .. Enumerable.Range(0, length).Select(i => (byte)i)];
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
