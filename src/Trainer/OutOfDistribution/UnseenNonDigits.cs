namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>What is kept from training so that it can be measured how a network takes what it never saw.</summary>
public static class UnseenNonDigits
{
    /// <summary>Kinds that are unseen as a whole, where there is an unseen share.</summary>
    public static IReadOnlyList<NonDigitKind> Kinds(double unseenShare) => unseenShare > 0 ? [NonDigitKind.Drawing, NonDigitKind.Chart] : [];

    /// <param name="unseenShare">Share of the signs, spread evenly over the list.</param>
    public static IReadOnlyList<Glyph> SeenGlyphs(double unseenShare) => [.. LetterStrokes.All.Where(glyph => !IsUnseen(glyph, unseenShare))];

    /// <param name="unseenShare">Share of the signs, spread evenly over the list.</param>
    public static IReadOnlyList<Glyph> UnseenGlyphs(double unseenShare) => [.. LetterStrokes.All.Where(glyph => IsUnseen(glyph, unseenShare))];

    private static readonly List<string> Signs = [.. LetterStrokes.All.Select(glyph => glyph.Name).Distinct()];

    private static bool IsUnseen(Glyph glyph, double share)
    {
        int number = Signs.IndexOf(glyph.Name);
        return Math.Floor((number + 1) * share) > Math.Floor(number * share);
    }
}
