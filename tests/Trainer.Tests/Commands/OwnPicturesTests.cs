using MnistLstm.Trainer.Commands;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.Tests.Commands;

public sealed class OwnPicturesTests
{
    [Theory]
    [InlineData(20)] // of each digit
    [InlineData(2)]
    public void One_in_five_pictures_is_held_out_of_all_digits_alike(int picturesADigit)
    {
        byte[] labels = [.. Enumerable.Range(0, 10 * picturesADigit).Select(n => (byte)(n % 10))];
        var all = new LabeledPictures(new DigitSet([], labels), [], [], [], [], []);

        var pictures = OwnPictures.Split(all, seed: 1);

        pictures.HeldOut.Length.ShouldBe(2 * picturesADigit);
        pictures.Learned.Concat(pictures.HeldOut).Order().ShouldBe(Enumerable.Range(0, labels.Length));
        pictures.HeldOut.GroupBy(n => labels[n]).ShouldAllBe(digit => digit.Count() <= Math.Max(1, picturesADigit / 5));
    }
}
