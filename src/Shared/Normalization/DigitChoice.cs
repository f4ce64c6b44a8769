namespace MnistLstm.Shared.Normalization;

/// <summary>Which parts of the ink make up the digit, and what is left.</summary>
/// <param name="Digit">All of the digit's parts together.</param>
/// <param name="Parts">How many parts those are.</param>
/// <param name="SecondFigure">Ink of the largest other part that could be a figure too, as a share of the digit's.</param>
/// <param name="Main">Number of the part with the most of the ink.</param>
/// <param name="EdgeShare">How much of the picture's edge the main part runs along, as a share of width and height together.</param>
/// <param name="OutlineSupport">Share of the outline that the photo shows, of the digit and of what was left out for want of it.</param>
internal readonly record struct DigitChoice(
    InkPart Digit, int Parts, double SecondFigure, int Main, double EdgeShare, double OutlineSupport)
{
    // A part is too faint to be ink of the digit below this share of the main part's mean contrast.
    private const double FaintestShare = 0.55;

    // Parts of a digit lie within this share of its longer side from one another, and the smaller they are, the nearer.
    private const double FarthestGap = 0.25;

    // A part whose outline the photo shows less of is the edge of a shadow.
    private const double LeastSupport = 0.75;

    // A part smaller than this share of the main part's area is a speck.
    private const double SmallestShare = 0.015;

    // Another figure beside the digit is at least this share as long.
    private const double SmallestFigure = 0.5;

    // What underlines a digit is flat, wider than the digit by this factor, and away from it by this share of the digit's height: the base
    // of a 2 that breaks off is narrower and nearer.
    private const double FlatLine = 0.15;
    private const double WiderLine = 1.1;
    private const double LineGap = 0.05;

    // A part that runs along this share of the picture's edge belongs to a frame or a table, where another could be the digit.
    private const double FrameContact = 0.12;

    // Where the picture is cut close around it, a digit runs along the edge, but not all around.
    private const double FrameContactOfTight = 0.9;

    /// <summary>What was chosen runs along the picture's edge as a frame or a table does, and nothing else was left.</summary>
    public bool IsFrame => EdgeShare > FrameContact;

    /// <summary>Chooses the digit's parts.</summary>
    /// <param name="peak">Contrast that a part must reach somewhere to be ink.</param>
    /// <param name="isTight">Whether the picture is cut close around the digit.</param>
    /// <param name="chosen">Set for each part that belongs to the digit.</param>
    /// <returns>Null where no part is ink.</returns>
    public static DigitChoice? Choose(
        ReadOnlySpan<InkPart> parts, int peak, int width, int height, bool isTight, Span<bool> chosen)
    {
        int main = MainPart(parts, peak, width, height, isTight ? FrameContactOfTight : FrameContact);
        if (main < 0)
        {
            return null;
        }

        InkPart digit = parts[main];
        double mainContrast = (double)digit.Mass / digit.Area;
        chosen[main] = true;
        int count = 1;
        bool grows = true;
        while (grows)
        {
            grows = false;
            for (int i = 0; i < parts.Length; i++)
            {
                if (!chosen[i] && IsPartOf(parts[i], digit, parts[main], mainContrast, peak))
                {
                    chosen[i] = true;
                    digit = digit.Join(parts[i]);
                    count++;
                    grows = true;
                }
            }
        }

        long second = 0;
        InkPart all = digit;
        for (int i = 0; i < parts.Length; i++)
        {
            if (chosen[i])
            {
                continue;
            }

            if (CouldBeFigure(parts[i], digit, mainContrast, peak) && !Underlines(parts[i], digit))
            {
                second = Math.Max(second, parts[i].Mass);
            }

            if (LooksLikePartOf(parts[i], digit, parts[main], mainContrast, peak))
            {
                all = all.Join(parts[i]);
            }
        }

        return new DigitChoice(
            digit, count, (double)second / digit.Mass, main, EdgeShareOf(parts[main], width, height), all.OutlineSupport);
    }

    /// <summary>The part with the most ink, counted less the farther it is from the middle and the more it is of a frame.</summary>
    private static int MainPart(ReadOnlySpan<InkPart> parts, int peak, int width, int height, double frameContact)
    {
        int best = -1;
        double bestScore = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            ref readonly InkPart part = ref parts[i];
            if (part.Peak < peak)
            {
                continue;
            }

            double x = (((part.Left + part.Right) / (double)width) - 1) * 0.5;
            double y = (((part.Top + part.Bottom) / (double)height) - 1) * 0.5;
            double score = part.Mass * Math.Exp(-3 * ((x * x) + (y * y)));
            if (part.IsBox || EdgeShareOf(part, width, height) > frameContact)
            {
                score *= 0.02;
            }

            if (score > bestScore)
            {
                (best, bestScore) = (i, score);
            }
        }

        return best;
    }

    private static double EdgeShareOf(in InkPart part, int width, int height) => (double)part.EdgeContact / (width + height);

    private static bool IsPartOf(in InkPart part, in InkPart digit, in InkPart main, double mainContrast, int peak) =>
        part.OutlineSupport >= LeastSupport && LooksLikePartOf(part, digit, main, mainContrast, peak) && !Underlines(part, digit);

    private static bool Underlines(in InkPart part, in InkPart digit) =>
        part.Top - digit.Bottom >= LineGap * digit.Height
        && part.Height <= FlatLine * part.Width
        && part.Width >= WiderLine * digit.Width;

    private static bool LooksLikePartOf(in InkPart part, in InkPart digit, in InkPart main, double mainContrast, int peak) =>
        part.Peak >= peak
        && !part.IsBox
        && part.Area >= SmallestShare * main.Area
        && part.Mass >= FaintestShare * mainContrast * part.Area
        && part.DistanceTo(digit) <= FarthestGap * Math.Min(digit.LongSide, 2 * part.LongSide)
        && part.EdgeContact <= Math.Max(part.LongSide / 2, 1);

    private static bool CouldBeFigure(in InkPart part, in InkPart digit, double mainContrast, int peak) =>
        part.Peak >= peak
        && !part.IsBox
        && part.OutlineSupport >= LeastSupport
        && part.Mass >= FaintestShare * mainContrast * part.Area
        && part.LongSide >= SmallestFigure * digit.LongSide
        && part.EdgeContact == 0;
}
