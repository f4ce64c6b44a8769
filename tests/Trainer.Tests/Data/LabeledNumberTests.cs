using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Tests.Data;

public sealed class LabeledNumberTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mnist-lstm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_labels_file_has_a_picture_and_its_digits_in_each_line()
    {
        File.WriteAllText(Path.Combine(_folder, "one, two.png"), "");
        File.WriteAllText(Path.Combine(_folder, "b.png"), "");
        Label("file,text\r\n\"one, two.png\",042\n\nb.png, 12 3 \nb.png,");

        LabeledNumber.Load(_folder).ShouldBe([new("one, two.png", "042"), new("b.png", "123"), new("b.png", "")]);
    }

    [Fact]
    public void A_labels_file_of_numbers_may_have_any_common_format()
    {
        File.WriteAllText(Path.Combine(_folder, "a.png"), "");
        Label("label;filename\n42;a.png\n");

        LabeledNumber.Load(_folder).ShouldBe([new("a.png", "42")]);
    }

    [Theory]
    [InlineData(
        "file,text\na.png,4\na.png,4x", "'{path}', line 3: 'a.png,4x' is not a file's name, a comma and digits.")]
    [InlineData("a.png",
        "'{path}', line 1: 'a.png' is not a file's name, a comma and digits. A header has one column named file and "
        + "one named label.")]
    [InlineData(",42",
        "'{path}', line 1: ',42' is not a file's name, a comma and digits. A header has one column named file and one "
        + "named label.")]
    [InlineData("file,text\n", "'{path}' names no picture.")]
    [InlineData("", "'{path}' names no picture.")]
    [InlineData("none.png,42", "'{path}' names 'none.png', but there is no such file.")]
    public void A_bad_labels_file_is_rejected_with_a_sentence(string text, string sentence)
    {
        File.WriteAllText(Path.Combine(_folder, "a.png"), "");
        string path = Label(text);

        Should.Throw<TrainerException>(() => LabeledNumber.Load(_folder))
            .Message.ShouldBe(sentence.Replace("{path}", path));
    }

    [Fact]
    public void A_folder_without_a_labels_file_is_rejected_with_a_sentence() =>
        Should.Throw<TrainerException>(() => LabeledNumber.Load(_folder))
            .Message.ShouldBe($"'{_folder}', which --numbers names, has no labels.csv (file,text).");

    private string Label(string text)
    {
        string path = Path.Combine(_folder, "labels.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
