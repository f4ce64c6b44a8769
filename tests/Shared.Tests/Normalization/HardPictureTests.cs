using MnistLstm.Support.HardPictures;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>
/// Pictures as people take them, made from MNIST's held-out training images, read by the default model.
/// </summary>
public sealed class HardPictureTests
{
    private const int PicturesPerStyle = 15;

    /// <summary>The number of pictures that the model misreads in a style; it reads all others correctly.</summary>
    private static readonly Dictionary<PictureStyle, int> Misread = new()
    {
        [PictureStyle.FormBox] = 1,
        [PictureStyle.Surround] = 2,
        [PictureStyle.PaleStroke] = 1,
        [PictureStyle.FarAway] = 1,
    };

    private static readonly Lazy<MnistImages> Mnist = new(MnistImages.Train);

    [Fact]
    public void Digits_are_read_in_every_style_of_picture()
    {
        using var reader = new Reader();
        string[] worse =
        [
            .. from style in Enum.GetValues<PictureStyle>()
               let misread = Enumerable.Range(0, PicturesPerStyle).Count(n => !IsReadCorrectly(reader, style, n))
               where misread > Misread.GetValueOrDefault(style)
               select $"{style}: {misread} of {PicturesPerStyle} are misread, not {Misread.GetValueOrDefault(style)}"
        ];

        worse.ShouldBeEmpty();
    }

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

    private static bool IsReadCorrectly(Reader reader, PictureStyle style, int n)
    {
        (byte[] file, int label) = HardPicture.Make(Mnist.Value, style, n);
        return reader.Read(file).Digit == label;
    }
}
