namespace MnistLstm.Shared.Imaging;

/// <summary>What <see cref="DigitNormalizer"/> found out about a picture, besides the 28x28 pixels.</summary>
/// <param name="HasInk">False where the picture is blank: there is nothing to read.</param>
/// <param name="PassedThrough">True where the picture already was in MNIST's form and was left as it is.</param>
public readonly record struct NormalizedDigit(bool HasInk, bool PassedThrough);
