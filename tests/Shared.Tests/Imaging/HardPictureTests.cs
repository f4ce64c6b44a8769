using System.Numerics.Tensors;
using MnistLstm.Shared.Imaging;
using MnistLstm.Shared.Models;
using MnistLstm.Support.HardPictures;

namespace MnistLstm.Shared.Tests.Imaging;

/// <summary>Pictures as people take them, made from MNIST's held-out training images, read by the default model.</summary>
public sealed class HardPictureTests
{
    private const int PicturesAStyle = 15;

    // Of 1,800 made pictures 97 % are read right; resized and inverted, as most demonstrations do it, 21 %.
    private const double LeastOfAll = 0.94;
    private const double LeastOfAStyle = 0.73;

    private static readonly Lazy<MnistImages> Mnist = new(MnistImages.Train);

    [Fact]
    public void Digits_are_read_in_every_style_of_picture()
    {
        using DigitClassifier classifier = DigitClassifier.Load(Repository.PathOf("models", "digits.onnx"));
        using ClassifierBatch batch = classifier.CreateBatch(1);
        int rightOfAll = 0;
        PictureStyle[] styles = Enum.GetValues<PictureStyle>();
        foreach (PictureStyle style in styles)
        {
            int right = Enumerable.Range(0, PicturesAStyle).Count(n => IsReadRight(batch, style, n));

            ((double)right / PicturesAStyle).ShouldBeGreaterThanOrEqualTo(LeastOfAStyle, $"{style}");
            rightOfAll += right;
        }

        ((double)rightOfAll / (PicturesAStyle * styles.Length)).ShouldBeGreaterThanOrEqualTo(LeastOfAll);
    }

    [Theory]
    [InlineData(PictureStyle.Ruled)]
    [InlineData(PictureStyle.Transparent)]
    public void The_same_seed_makes_the_same_picture(PictureStyle style)
    {
        byte[] picture = HardPicture.Make(Mnist.Value.Pixels(1), style, seed: 4);

        HardPicture.Make(Mnist.Value.Pixels(1), style, seed: 4).ShouldBe(picture);
        HardPicture.Make(Mnist.Value.Pixels(1), style, seed: 5).ShouldNotBe(picture);
    }

    private static bool IsReadRight(ClassifierBatch batch, PictureStyle style, int n)
    {
        int index = (n * 37) + (int)style;
        ImageDecoder.Decode(HardPicture.Make(Mnist.Value.Pixels(index), style, n), ImageLimits.Default, out GrayImage? image);
        using GrayImage picture = image.ShouldNotBeNull();
        byte[] pixels = new byte[RowSequence.Length];
        DigitNormalizer.Normalize(picture, pixels);
        RowSequence.FromPixels(pixels, batch.Rows(0));
        batch.Run(1);
        return TensorPrimitives.IndexOfMax(batch.Probabilities(0)) == Mnist.Value.Label(index);
    }
}
