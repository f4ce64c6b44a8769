using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Tests.Decoding;

public sealed class TurnedHeaderTests
{
    /// <summary>[2, 3], all levels different.</summary>
    private static readonly byte[] Levels = [10, 50, 90, 130, 170, 210];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_picture_decoded_by_a_turned_header_is_turned_clockwise_whatever_its_orientation(int orientation)
    {
        byte[] file = PictureFiles.Png(
            3, 2, bitDepth: 8, colorType: 0, [Levels[..3], Levels[3..]], ("eXIf", PictureFiles.Exif(orientation)));
        var header = ImageHeader.Read(file);
        using GrayImage upright = Decode(file, header);

        using GrayImage turned = Decode(file, header.Turn(90));
        using GrayImage twice = Decode(file, header.Turn(180));

        header.DisplayedSize.ShouldBe((upright.Width, upright.Height));
        header.Turn(90).DisplayedSize.ShouldBe((turned.Width, turned.Height));
        (turned.Width, turned.Height).ShouldBe((upright.Height, upright.Width));
        for (int y = 0; y < upright.Height; y++)
        {
            for (int x = 0; x < upright.Width; x++)
            {
                turned.Row(x)[upright.Height - 1 - y].ShouldBe(upright.Row(y)[x]);
                twice.Row(upright.Height - 1 - y)[upright.Width - 1 - x].ShouldBe(upright.Row(y)[x]);
            }
        }

        header.Turn(270).Turn(90).ShouldBe(header);
    }

    private static GrayImage Decode(byte[] file, in ImageHeader header)
    {
        ImageDecoder.Decode(file, header, ImageLimits.Default, out GrayImage? image).ShouldBe(ImageProblem.None);
        return image!;
    }
}
