namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Glyphs that training leaves out, to measure how a network treats unseen ones.</summary>
public static class UnseenNonDigits
{
    /// <summary>Scripts that are unseen as a whole, where there is an unseen share.</summary>
    public static IReadOnlyList<string> Scripts { get; } = ["Hebrew", "Thai", "Runic", "Georgian"];

    private static readonly List<string> SignsOfOtherScripts =
        [.. LetterStrokes.All.Where(glyph => !Scripts.Contains(glyph.Script)).Select(glyph => glyph.Name).Distinct()];

    /// <summary>Kinds that are unseen as a whole, where there is an unseen share.</summary>
    public static IReadOnlyList<NonDigitKind> Kinds(double unseenShare) =>
        unseenShare > 0 ? [NonDigitKind.Drawing, NonDigitKind.Chart] : [];

    /// <param name="unseenShare">Share of the other scripts' signs, spread evenly over the list.</param>
    public static IReadOnlyList<Glyph> SeenGlyphs(double unseenShare) =>
        [.. LetterStrokes.All.Where(glyph => !IsUnseen(glyph, unseenShare))];

    /// <param name="unseenShare">Share of the other scripts' signs, spread evenly over the list.</param>
    public static IReadOnlyList<Glyph> UnseenGlyphs(double unseenShare) =>
        [.. LetterStrokes.All.Where(glyph => IsUnseen(glyph, unseenShare))];

    private static bool IsUnseen(Glyph glyph, double share)
    {
        int number = SignsOfOtherScripts.IndexOf(glyph.Name);
        return share > 0 && (number < 0 || Math.Ceiling((number + 1) * share) > Math.Ceiling(number * share));
    }
}
