using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Tests.Data;

public sealed class LabelledPicturesTests : IDisposable
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

        LabelledPictures pictures = LabelledPictures.Load(_folder, Classifier.Value, Shard.Whole, TestContext.Current.CancellationToken);

        pictures.Names.ShouldBe(["1/c.png", "2/a.PNG", "7/b.png"]);
        pictures.Digits.Labels.ShouldBe([1, 2, 7]);
        pictures.Digits.Image(2).SequenceEqual(digits.Image(0)).ShouldBeTrue(); // what is in MNIST's form passes unchanged
        pictures.Unread.ShouldBeEmpty();
    }

    [Fact]
    public void A_labels_file_names_pictures_anywhere_below()
    {
        DigitSet digits = TestDigits.Mnist(2);
        Write("some, where/a.png", Png(digits, 0));
        Write("b.png", Png(digits, 1));
        Write("labels.csv", "file,label\r\n\"some, where/a.png\",7\n\nb.png, 2\n"u8.ToArray());

        LabelledPictures pictures = LabelledPictures.Load(_folder, Classifier.Value, Shard.Whole, TestContext.Current.CancellationToken);

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

        LabelledPictures pictures = LabelledPictures.Load(_folder, Classifier.Value, Shard.Whole, TestContext.Current.CancellationToken);

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
            digit[(y / 2 * 28) + (x / 2)] > 127 ? ((byte)255, (byte)0, (byte)0, (byte)255) : ((byte)0, (byte)130, (byte)0, (byte)255)));

        LabelledPictures pictures = LabelledPictures.Load(_folder, Classifier.Value, Shard.Whole, TestContext.Current.CancellationToken);

        pictures.Unread.ShouldBeEmpty();
        pictures.Digits.Labels.ShouldBe([7]);
    }

    [Fact]
    public void Pictures_that_cannot_be_read_are_told_apart_with_why()
    {
        Write("1/blank.png", Pictures.GrayPng(new byte[784], 28, 28));
        Write("1/cut.png", Png(TestDigits.Mnist(1), 0)[..100]);
        Write("1/good.png", Png(TestDigits.Mnist(1), 0));
        Write("1/text.png", "no picture"u8.ToArray());

        LabelledPictures pictures = LabelledPictures.Load(_folder, Classifier.Value, Shard.Whole, TestContext.Current.CancellationToken);

        pictures.Names.ShouldBe(["1/good.png"]);
        pictures.Unread.ShouldBe(["1/blank.png (blank)", "1/cut.png (damaged)", "1/text.png (no picture format that is read)"]);
    }

    [Fact]
    public void A_picture_that_the_labels_file_names_and_that_is_not_there_is_told()
    {
        Write("good.png", Png(TestDigits.Mnist(1), 0));
        Write("labels.csv", "file,label\ngood.png,7\ngone.png,7\n"u8.ToArray());

        LabelledPictures.Load(_folder, Classifier.Value, Shard.Whole, TestContext.Current.CancellationToken).Unread.ShouldHaveSingleItem().ShouldStartWith("gone.png (");
    }

    [Theory]
    [InlineData("good.png,12")]
    [InlineData("good.png,x")]
    [InlineData("good.png")]
    [InlineData(",7")]
    public void A_line_that_is_no_name_and_digit_is_quoted(string line)
    {
        Write("labels.csv", System.Text.Encoding.UTF8.GetBytes($"file,label\n{line}\n"));

        Problem(_folder).ShouldBe($"'{Path.Combine(_folder, "labels.csv")}', line 2: '{line}' is not a file's name, a comma and a digit.");
    }

    [Fact]
    public void A_folder_without_pictures_or_none_that_can_be_read_is_refused()
    {
        Problem(Path.Combine(_folder, "nowhere")).ShouldStartWith("There is no folder ");
        Problem(_folder).ShouldBe($"'{_folder}' has neither a labels.csv (file,label) nor pictures in folders named 0 to 9.");

        Write("3/text.png", "no picture"u8.ToArray());

        Problem(_folder).ShouldBe($"None of the 1 pictures in '{_folder}' could be read; the first: 3/text.png (no picture format that is read).");
    }

    private static string Problem(string folder) => Should.Throw<TrainerException>(() => LabelledPictures.Load(folder, Classifier.Value, Shard.Whole, TestContext.Current.CancellationToken)).Message;

    private static byte[] Png(DigitSet digits, int index) => Pictures.GrayPng(digits.Image(index), 28, 28);

    private void Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }
}
