using MnistLstm.Trainer.Commands;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.Tests.Commands;

public sealed class OwnPicturesTests
{
    [Theory]
    [InlineData(20)] // of each digit
    [InlineData(2)]
    public void One_in_five_pictures_of_each_digit_is_held_out(int picturesADigit)
    {
        byte[] labels = [.. Enumerable.Range(0, 10 * picturesADigit).Select(n => (byte)(n % 10))];
        var all = new LabeledPictures(new DigitSet([], labels), [], [], [], [], []);

        var pictures = OwnPictures.Split(all, seed: 1);

        pictures.HeldOut.Length.ShouldBe(2 * picturesADigit);
        pictures.Learned.Concat(pictures.HeldOut).Order().ShouldBe(Enumerable.Range(0, labels.Length));
        pictures.HeldOut.GroupBy(n => labels[n]).ShouldAllBe(digit => digit.Count() <= Math.Max(1, picturesADigit / 5));
    }

    [Fact]
    public void Pictures_keep_their_split_when_others_are_added_or_removed()
    {
        OwnPictures pictures = new(Folder("1/b.png", "1/c.png", "9/a.png"), Learned: [0, 2], HeldOut: [1]);
        LabeledPictures again = Folder("1/a.png", "1/b.png", "7/c.png", "9/a.png");

        pictures.Find(pictures.Learned, again).ShouldBe([1, 3]);
        pictures.Find(pictures.HeldOut, again).ShouldBeEmpty();
    }

    private static LabeledPictures Folder(params string[] names) => new(
        new DigitSet(new byte[names.Length * 784], new byte[names.Length]),
        names,
        Styles: [.. names.Select(_ => "")],
        IsDigit: [.. names.Select(_ => true)],
        Unread: [],
        Skipped: []);
}
