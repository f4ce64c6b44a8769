using System.Buffers.Binary;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Tests.Data;

public sealed class MnistDatasetTests
{
    [Fact]
    public void Images_and_labels_are_joined()
    {
        DigitSet digits = MnistDataset.Join(Images(2), Labels(7, 3));

        digits.Count.ShouldBe(2);
        digits.Labels.ShouldBe([7, 3]);
        digits.Image(1).ToArray().ShouldAllBe(pixel => pixel == 1);
    }

    [Fact]
    public void Labels_of_other_images_are_rejected() =>
        Should.Throw<TrainerException>(() => MnistDataset.Join(Images(2), Labels(7, 3, 1)))
            .Message.ShouldBe("'images' has 2 images and 'labels' 3 labels: they do not belong together.");

    [Fact]
    public void Images_of_another_size_are_rejected() =>
        Should.Throw<TrainerException>(() =>
            MnistDataset.Join(Idx("images", [1, 32, 28], new byte[32 * 28]), Labels(7)))
            .Message.ShouldBe("'images' has images of 32 x 28 pixels; MNIST's are 28 x 28.");

    [Fact]
    public void A_label_that_is_not_a_digit_is_rejected() =>
        Should.Throw<TrainerException>(() => MnistDataset.Join(Images(2), Labels(7, 10)))
            .Message.ShouldBe("'labels' has the label 10 at 1; labels are 0 to 9.");

    [Fact]
    public async Task The_first_5000_training_images_are_held_out()
    {
        MnistImages train = MnistImages.Train();
        MnistImages test = MnistImages.Test();

        MnistDataset data = await MnistDataset.LoadAsync(
            MnistSource.Find(null), TestContext.Current.CancellationToken);

        data.Validation.Count.ShouldBe(5_000);
        data.Train.Count.ShouldBe(55_000);
        data.Test.Count.ShouldBe(10_000);
        data.Validation.Image(0).SequenceEqual(train.Pixels(0)).ShouldBeTrue();
        data.Train.Image(0).SequenceEqual(train.Pixels(5_000)).ShouldBeTrue();
        data.Train.Image(54_999).SequenceEqual(train.Pixels(59_999)).ShouldBeTrue();
        ((int)data.Train.Labels[0]).ShouldBe(train.Label(5_000));
        data.Test.Image(9_999).SequenceEqual(test.Pixels(9_999)).ShouldBeTrue();
    }

    private static IdxFile Images(int count) =>
        Idx("images", [count, 28, 28],
            [.. Enumerable.Range(0, count).SelectMany(n => Enumerable.Repeat((byte)n, 784))]);

    private static IdxFile Labels(params byte[] labels) => Idx("labels", [labels.Length], labels);

    private static IdxFile Idx(string name, int[] shape, byte[] elements)
    {
        byte[] header = new byte[4 + (4 * shape.Length)];
        header[2] = 8;
        header[3] = (byte)shape.Length;
        for (int d = 0; d < shape.Length; d++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * d)), shape[d]);
        }

        return IdxFile.Parse(name, [.. header, .. elements], shape.Length);
    }
}
