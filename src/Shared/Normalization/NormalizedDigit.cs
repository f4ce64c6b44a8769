namespace MnistLstm.Shared.Normalization;

/// <summary>What <see cref="DigitNormalizer"/> found out about a picture, besides the 28x28 pixels.</summary>
/// <param name="HasInk">False where the picture is blank: there is nothing to read.</param>
/// <param name="PassedThrough">True where the picture already was in MNIST's form and was left as it is.</param>
/// <param name="SecondFigure">Ink of the largest other figure in the picture as a share of the digit's; 0 where there is none.</param>
public readonly record struct NormalizedDigit(bool HasInk, bool PassedThrough, double SecondFigure = 0)
{
    // A 1 has a third of the ink of an 8; of 1,800 pictures made of single digits, 4 have more than this beside them.
    private const double SmallestSecondFigure = 0.25;

    /// <summary>Contrast half-way between paper and ink, 0 to 255; 0 where there is no ink.</summary>
    public int Edge { get; init; }

    /// <summary>Whether the digit is the only figure in the picture.</summary>
    public bool IsAlone => SecondFigure < SmallestSecondFigure;
}
