using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Tests.Data;

public sealed class LabeledPicturesTests : IDisposable
{
    private static readonly Lazy<DigitClassifier> Classifier =
        new(() => DigitClassifier.Load(Repository.PathOf("models", "digits.onnx")));

    private readonly string _folder = Directory.CreateTempSubdirectory("mnist-lstm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Folders_named_0_to_9_are_labels()
    {
        DigitSet digits = TestDigits.Mnist(3);
        Write("7/b.png", Png(digits, 0));
        Write("2/a.PNG", Png(digits, 1));
        Write("1/c.png", Png(digits, 2));
        Write("1/notes.txt", "no picture"u8.ToArray());
        Write("10/d.png", Png(digits, 2));

        LabeledPictures pictures = Load(_folder);

        pictures.Names.ShouldBe(["1/c.png", "2/a.PNG", "7/b.png"]);
        pictures.Digits.Labels.ShouldBe([1, 2, 7]);
        // What is in MNIST's form passes unchanged.
        pictures.Digits.Image(2).SequenceEqual(digits.Image(0)).ShouldBeTrue();
        pictures.Unread.ShouldBeEmpty();
        pictures.Skipped.ShouldBe(["1/notes.txt", "10/"]);
    }

    [Fact]
    public void Files_that_are_not_labeled_pictures_are_skipped_and_reported()
    {
        byte[] picture = Png(TestDigits.Mnist(1), 0);
        Write("7/a.png", picture);
        Write("7/by-content.jfif", picture);
        Write("7/no-extension", picture);
        Write("7/.hidden.png", picture);
        Write("7/Thumbs.db", "no picture"u8.ToArray());
        Write("7/deeper/b.png", picture);
        Write("7/phone.heic", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0, .. "mif1heic"u8]);
        Write("read-me.txt", "no picture"u8.ToArray());
        Write("seven/c.png", picture);

        LabeledPictures pictures = Load(_folder);

        pictures.Names.ShouldBe(["7/a.png", "7/by-content.jfif", "7/no-extension"]);
        pictures.Remarks().ShouldBe(
        [
            "Not read and not counted: 7/phone.heic (a HEIC picture)",
            "Skipped, 5 in all: 7/.hidden.png, 7/Thumbs.db, 7/deeper/, read-me.txt, seven/",
        ]);
    }

    [Theory]
    [InlineData("file,label\none.png,7\n\"two, 2.png\",2\n")]
    [InlineData("filename;label\r\none.png;7\r\ntwo, 2.png;2\r\n")]
    [InlineData("label,image\n7,one.png\n2,\"two, 2.png\"\n")]
    [InlineData("\uFEFF,Path,Label\n0,one.png,7\n1,\"two, 2.png\",2\n")]
    [InlineData("image_path\tdigit\none.png\t7\ntwo, 2.png\t2")]
    [InlineData("\"File\",\"style\",\"LABEL\"\n\"one.png\",\"a \"\"scan\"\"\",\"7\"\n\"two, 2.png\",,\"2\"\n")]
    [InlineData("one.png,7\n\"two, 2.png\",2\n")]
    public void A_labels_file_may_have_any_common_format(string text)
    {
        DigitSet digits = TestDigits.Mnist(2);
        Write("one.png", Png(digits, 0));
        Write("two, 2.png", Png(digits, 1));
        Write("labels.csv", System.Text.Encoding.UTF8.GetBytes(text));

        LabeledPictures pictures = Load(_folder);

        pictures.Names.ShouldBe(["one.png", "two, 2.png"]);
        pictures.Digits.Labels.ShouldBe([7, 2]);
    }

    [Fact]
    public void A_ZIP_file_is_read_like_its_folder()
    {
        DigitSet digits = TestDigits.Mnist(1);
        Write("in/0001-7.png", Png(digits, 0));
        Write("in/labels.csv", "file,label\r\n0001-7.png,7\r\n"u8.ToArray());
        string zip = Path.Combine(_folder, "corrections.zip");
        System.IO.Compression.ZipFile.CreateFromDirectory(Path.Combine(_folder, "in"), zip);

        LabeledPictures pictures = Load(zip);

        pictures.Names.ShouldBe(["0001-7.png"]);
        pictures.Digits.Labels.ShouldBe([7]);
        Write("no.zip", "no archive"u8.ToArray());
        Problem(Path.Combine(_folder, "no.zip"))
            .ShouldStartWith(
                $"'{Path.Combine(_folder, "no.zip")}' is not a folder, and as a ZIP file it cannot be unpacked: ");
    }

    [Fact]
    public void A_problem_within_a_ZIP_file_names_that_file()
    {
        Write("in/labels.csv", "file,label\r\na.png,x\r\n"u8.ToArray());
        string zip = Path.Combine(_folder, "corrections.zip");
        System.IO.Compression.ZipFile.CreateFromDirectory(Path.Combine(_folder, "in"), zip);

        Problem(zip).ShouldStartWith($"'{Path.Combine(zip, "labels.csv")}', line 2: ");
    }

    [Fact]
    public void A_ZIP_file_whose_sizes_do_not_fit_64_bits_together_is_rejected()
    {
        Write("huge.zip", [.. CentralEntry(long.MaxValue), .. CentralEntry(long.MaxValue), .. CentralEnd(entries: 2)]);

        Problem(Path.Combine(_folder, "huge.zip"))
            .ShouldBe($"'{Path.Combine(_folder, "huge.zip")}' unpacks to more than 1,000,000,000 bytes.");
    }

    [Fact]
    public void Files_that_the_labels_file_does_not_name_are_counted_and_said()
    {
        DigitSet digits = TestDigits.Mnist(1);
        Write("a.png", Png(digits, 0));
        Write("forgotten.png", Png(digits, 0));
        Write("more/forgotten.png", Png(digits, 0));
        Write("labels.csv", "file,label\n./a.png,7\n"u8.ToArray());

        LabeledPictures pictures = Load(_folder);

        pictures.Names.ShouldBe(["./a.png"]);
        pictures.Remarks().ShouldBe(["Skipped, 2 in all: forgotten.png, more/forgotten.png"]);
    }

    [Fact]
    public void A_header_without_a_label_is_rejected_with_an_example()
    {
        Write("labels.csv", "file,target\na.png,7\n"u8.ToArray());

        Problem(_folder).ShouldBe(
            $"'{Path.Combine(_folder, "labels.csv")}', line 1: 'file,target' is not a file's name, a comma and "
            + "a digit. A header has one column named file and one named label.");
    }

    [Fact]
    public void A_quote_that_is_never_closed_does_not_fill_the_terminal()
    {
        Write("labels.csv",
            System.Text.Encoding.UTF8.GetBytes(
                $"file,label\n\"a.png,7\n{string.Concat(Enumerable.Repeat("b.png,1\n", 5_000))}"));

        Problem(_folder).Length.ShouldBeLessThan(500);
    }

    [Fact]
    public void A_labels_file_names_pictures_anywhere_below()
    {
        DigitSet digits = TestDigits.Mnist(2);
        Write("some, where/a.png", Png(digits, 0));
        Write("b.png", Png(digits, 1));
        Write("labels.csv", "file,label\r\n\"some, where/a.png\",7\n\nb.png, 2\n"u8.ToArray());

        LabeledPictures pictures = Load(_folder);

        pictures.Names.ShouldBe(["some, where/a.png", "b.png"]);
        pictures.Digits.Labels.ShouldBe([7, 2]);
    }

    [Fact]
    public void A_labels_file_may_name_styles()
    {
        DigitSet digits = TestDigits.Mnist(2);
        Write("a.png", Png(digits, 0));
        Write("b.png", Png(digits, 1));
        Write("labels.csv", "file,label,style\na.png,7,phone photo\nb.png,2,scan\n"u8.ToArray());

        LabeledPictures pictures = Load(_folder);

        pictures.Names.ShouldBe(["a.png", "b.png"]);
        pictures.Digits.Labels.ShouldBe([7, 2]);
        pictures.Styles.ShouldBe(["phone photo", "scan"]);
        pictures.IsDigit.ShouldBe([true, true]);
    }

    [Fact]
    public void Ink_of_the_paper_s_luma_is_read_as_the_service_reads_it()
    {
        byte[] digit = TestDigits.Mnist(1).Image(0).ToArray();
        Write("7/red-on-green.png", PictureFiles.RgbaPng(56, 56, (x, y) =>
            digit[(y / 2 * 28) + (x / 2)] > 127
                ? ((byte)255, (byte)0, (byte)0, (byte)255)
                : ((byte)0, (byte)130, (byte)0, (byte)255)));

        LabeledPictures pictures = Load(_folder);

        pictures.Unread.ShouldBeEmpty();
        pictures.Digits.Labels.ShouldBe([7]);
    }

    [Fact]
    public void Unreadable_pictures_are_listed_with_the_reason()
    {
        Write("1/blank.png", Pictures.GrayPng(new byte[784], 28, 28));
        Write("1/cut.png", Png(TestDigits.Mnist(1), 0)[..100]);
        Write("1/good.png", Png(TestDigits.Mnist(1), 0));
        Write("1/text.png", "no picture"u8.ToArray());

        LabeledPictures pictures = Load(_folder);

        pictures.Names.ShouldBe(["1/good.png"]);
        pictures.Unread.ShouldBe(
            ["1/blank.png (blank)", "1/cut.png (damaged)", "1/text.png (no picture format that is read)"]);
    }

    [Fact]
    public void A_missing_picture_of_the_labels_file_is_reported()
    {
        Write("good.png", Png(TestDigits.Mnist(1), 0));
        Write("labels.csv", "file,label\ngood.png,7\ngone.png,7\n"u8.ToArray());

        Load(_folder).Unread.ShouldHaveSingleItem().ShouldStartWith("gone.png (");
    }

    [Theory]
    [InlineData("good.png,12")]
    [InlineData("good.png,x")]
    [InlineData("good.png")]
    [InlineData(",7")]
    public void A_line_that_is_not_a_name_and_digit_is_quoted(string line)
    {
        Write("labels.csv", System.Text.Encoding.UTF8.GetBytes($"file,label\n{line}\n"));

        Problem(_folder).ShouldBe(
            $"'{Path.Combine(_folder, "labels.csv")}', line 2: '{line}' is not a file's name, a comma and a digit.");
    }

    [Fact]
    public void A_folder_without_readable_pictures_is_rejected()
    {
        Problem(Path.Combine(_folder, "nowhere")).ShouldStartWith("There is no folder ");
        Problem(_folder)
            .ShouldBe($"'{_folder}' has neither a labels.csv (file,label) nor pictures in folders named 0 to 9.");

        Write("3/text.png", "no picture"u8.ToArray());

        Problem(_folder)
            .ShouldBe(
                $"None of the 1 pictures in '{_folder}' could be read; the first: 3/text.png (no picture format that "
                + $"is read).");

        Write("labels.csv", "file,label\n"u8.ToArray());

        Problem(_folder).ShouldBe($"'{Path.Combine(_folder, "labels.csv")}' names no picture.");
    }

    private static string Problem(string folder) => Should.Throw<TrainerException>(() => Load(folder)).Message;

    private static LabeledPictures Load(string folder) =>
        LabeledPictures.Load(folder, Classifier.Value, Shard.Whole, TestContext.Current.CancellationToken);

    private static byte[] Png(DigitSet digits, int index) => Pictures.GrayPng(digits.Image(index), 28, 28);

    private void Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>
    /// An entry of a ZIP64 file's directory (APPNOTE 4.3.12 and 4.5.3) that declares an unpacked size.
    /// </summary>
    private static byte[] CentralEntry(long size)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write("PK\x01\x02"u8);
        writer.Write([45, 0, 45, 0, 0, 0, 8, 0, 0, 0, 0x21, 0]); // versions, flags, deflate, time, date
        writer.Write(0); // CRC
        writer.Write(uint.MaxValue); // both sizes stand in the extra field
        writer.Write(uint.MaxValue);
        writer.Write([1, 0, 20, 0]); // lengths of name and extra field
        writer.Write(new byte[14]);
        writer.Write((byte)'a');
        writer.Write([1, 0, 16, 0]);
        writer.Write(size);
        writer.Write(0L);
        return bytes.ToArray();
    }

    private static byte[] CentralEnd(byte entries)
    {
        byte length = (byte)(entries * CentralEntry(0).Length);
        return [.. "PK\x05\x06"u8, 0, 0, 0, 0, entries, 0, entries, 0, length, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }
}
