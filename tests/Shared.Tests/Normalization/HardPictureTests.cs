using MnistLstm.Support.HardPictures;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>Pictures as people take them, made from MNIST's held-out training images, read by the default model.</summary>
public sealed class HardPictureTests
{
    private const int PicturesAStyle = 15;

    // Of 2,400 made pictures 98 % are read right; resized and inverted, as most demonstrations do it, 20 %.
    private const double LeastOfAll = 0.94;
    private const double LeastOfAStyle = 0.73;

    private static readonly Lazy<MnistImages> Mnist = new(MnistImages.Train);

    [Fact]
    public void Digits_are_read_in_every_style_of_picture()
    {
        using var reader = new Reader();
        int rightOfAll = 0;
        PictureStyle[] styles = Enum.GetValues<PictureStyle>();
        foreach (PictureStyle style in styles)
        {
            int right = Enumerable.Range(0, PicturesAStyle).Count(n => IsReadRight(reader, style, n));

            ((double)right / PicturesAStyle).ShouldBeGreaterThanOrEqualTo(LeastOfAStyle, $"{style}");
            rightOfAll += right;
        }

        ((double)rightOfAll / (PicturesAStyle * styles.Length)).ShouldBeGreaterThanOrEqualTo(LeastOfAll);
    }

    /// <summary>Paper between a digit's strokes, or light beside a shadow, was taken for light ink in these.</summary>
    [Theory]
    [InlineData(PictureStyle.Blurred, 1074)]
    [InlineData(PictureStyle.Blurred, 1083)]
    [InlineData(PictureStyle.Broken, 1181)]
    [InlineData(PictureStyle.Glare, 1077)]
    [InlineData(PictureStyle.Negative, 1159)]
    [InlineData(PictureStyle.Negative, 1165)]
    [InlineData(PictureStyle.Negative, 1252)]
    [InlineData(PictureStyle.Negative, 2215)]
    [InlineData(PictureStyle.Negative, 2261)]
    [InlineData(PictureStyle.Squared, 1129)]
    [InlineData(PictureStyle.Squared, 1237)]
    [InlineData(PictureStyle.Squared, 1286)]
    public void Dark_and_light_ink_are_told_apart(PictureStyle style, int seed) => ShouldBeRead(style, seed);

    /// <summary>Lines down the paper, cut to pieces with those across, stayed in these.</summary>
    [Theory]
    [InlineData(1063)]
    [InlineData(1299)]
    [InlineData(2130)]
    [InlineData(2144)]
    [InlineData(2250)]
    public void Lines_that_cross_are_left_out(int seed) => ShouldBeRead(PictureStyle.Squared, seed);

    /// <summary>Lines as dark as the ink stayed in these, or few lines of large squares passed for the strokes of a digit cut out closely.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(53)]
    [InlineData(102)]
    [InlineData(113)]
    [InlineData(134)]
    [InlineData(183)]
    [InlineData(208)]
    [InlineData(222)]
    [InlineData(266)]
    public void Lines_as_dark_as_ink_are_left_out(int seed) => ShouldBeRead(PictureStyle.DarkLines, seed);

    [Theory]
    [InlineData(PictureStyle.Ruled)]
    [InlineData(PictureStyle.Transparent)]
    [InlineData(PictureStyle.Surround)]
    [InlineData(PictureStyle.SlashedZero)]
    public void The_same_seed_makes_the_same_picture(PictureStyle style)
    {
        byte[] picture = HardPicture.Make(Mnist.Value, style, number: 4).File;

        HardPicture.Make(Mnist.Value, style, number: 4).File.ShouldBe(picture);
        HardPicture.Make(Mnist.Value, style, number: 5).File.ShouldNotBe(picture);
    }

    private static void ShouldBeRead(PictureStyle style, int seed)
    {
        using var reader = new Reader();
        (byte[] file, int label) = HardPicture.Make(Mnist.Value, style, seed);

        reader.Read(file).Digit.ShouldBe(label);
    }

    private static bool IsReadRight(Reader reader, PictureStyle style, int n)
    {
        (byte[] file, int label) = HardPicture.Make(Mnist.Value, style, n);
        return reader.Read(file).Digit == label;
    }
}
