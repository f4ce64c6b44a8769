namespace MnistLstm.Shared.Normalization;

/// <summary>How ink and paper are told apart in a picture.</summary>
/// <param name="IsInkLighter">Ink is lighter than paper.</param>
/// <param name="IsTight">The picture is cut close around the digit, which touches its edge.</param>
/// <param name="IsLit">Paper is not at one level: a photo in uneven light.</param>
/// <param name="InkLightness">What the signs of a photo add up to: the more, the surer its ink is light; the less, dark; 0 where none was looked at.</param>
internal readonly record struct PaperKind(bool IsInkLighter, bool IsTight, bool IsLit, double InkLightness)
{
    public static PaperKind Flat(bool isInkLighter, bool isTight) => new(isInkLighter, isTight, IsLit: false, InkLightness: 0);

    public static PaperKind Lit(bool isInkLighter, double inkLightness) => new(isInkLighter, IsTight: false, IsLit: true, inkLightness);
}
