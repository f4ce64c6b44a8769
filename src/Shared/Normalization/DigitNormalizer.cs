using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Brings any grey picture of a digit to MNIST's form: 28x28 pixels, 0 = paper, 255 = ink.</summary>
public static class DigitNormalizer
{
    /// <summary>Around the digit, the soft edge of its ink stays, in pixels.</summary>
    private const int SoftEdge = 1;

    /// <summary>Share of the step from paper to ink over which ink's edge goes from 0 to 255: what is left of blur.</summary>
    private const double EdgeSoftness = 0.7;

    /// <summary>A digit whose longer side is less, in pixels, is looked at again where the picture has more of them.</summary>
    private const int SmallDigit = 2 * MnistForm.BoxSide;

    /// <summary>Finds the ink and writes it as an MNIST image.</summary>
    /// <remarks>
    /// A picture that is in MNIST's form already is left as it is, pixel for pixel. Others go through six steps:
    /// contrast with the paper, threshold, connected parts, the choice of those that are the digit, the box of 20x20 and the
    /// strokes' width, the place by the centre of mass.
    /// </remarks>
    /// <param name="image">Any picture, dark ink on light paper or the other way round.</param>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink; all 0 where there is no ink.</param>
    public static NormalizedDigit Normalize(GrayImage image, Span<byte> digit)
    {
        if (MnistForm.Fits(image))
        {
            image.Pixels.CopyTo(digit);
            return new NormalizedDigit(HasInk: true, PassedThrough: true) { Edge = byte.MaxValue / 2 };
        }

        DigitFinding found = FindInEitherPolarity(image, digit);
        if (found.HasInk && found.Choice.Digit.LongSide < SmallDigit && found.Width < image.Width)
        {
            LookCloser(image, found, digit);
        }

        return found.HasInk
            ? new NormalizedDigit(HasInk: true, PassedThrough: false, found.Choice.SecondFigure) { Edge = found.Edge }
            : default;
    }

    /// <summary>Takes the polarity that the picture looks like, unless the other one explains it better.</summary>
    private static DigitFinding FindInEitherPolarity(GrayImage image, Span<byte> digit)
    {
        DigitFinding found = Find(image, isInkLighter: null, isLit: false, digit);
        Span<byte> otherDigit = stackalloc byte[RowSequence.Length];
        if (found.IsShadow)
        {
            DigitFinding inLight = Find(image, isInkLighter: null, isLit: true, otherDigit);
            if (inLight.IsBetterThanShadow(found))
            {
                otherDigit.CopyTo(digit);
                return inLight;
            }
        }

        if (!found.IsPolarityDoubtful && !found.RunsAlongEdge)
        {
            return found;
        }

        DigitFinding other = Find(image, !found.Paper.IsInkLighter, isLit: false, otherDigit);
        if (!other.IsBetterThan(found))
        {
            return found;
        }

        otherDigit.CopyTo(digit);
        return other;
    }

    /// <summary>Looks at a small digit again in the unreduced picture, cut out with its surroundings.</summary>
    private static void LookCloser(GrayImage image, DigitFinding found, Span<byte> digit)
    {
        double scale = (double)image.Width / found.Width;
        InkPart box = found.Choice.Digit;
        int margin = box.LongSide;
        using GrayImage closer = image.Part(
            Math.Max((int)((box.Left - margin) * scale), 0),
            Math.Max((int)((box.Top - margin) * scale), 0),
            Math.Min((int)((box.Right + margin) * scale), image.Width),
            Math.Min((int)((box.Bottom + margin) * scale), image.Height));
        Span<byte> closerDigit = stackalloc byte[RowSequence.Length];
        if (Find(closer, found.Paper.IsInkLighter, isLit: false, closerDigit) is { HasInk: true, RunsAlongEdge: false })
        {
            closerDigit.CopyTo(digit);
        }
    }

    /// <param name="image">Not in MNIST's form.</param>
    /// <param name="isInkLighter">Whether ink is lighter than paper; null where the picture is to tell.</param>
    /// <param name="isLit">Whether paper is taken not to be at one level, whatever it looks like.</param>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink.</param>
    private static DigitFinding Find(GrayImage image, bool? isInkLighter, bool isLit, Span<byte> digit)
    {
        using GrayImage contrast = InkContrast.Measure(image, isInkLighter, isLit, out PaperKind paper, out GrayImage? smooth);
        using GrayImage? photo = smooth;
        DigitFinding found = FindInContrast(contrast, paper, photo, digit, out bool isCleared);
        if (!isCleared)
        {
            return found;
        }

        // What is written into a box can be paler than its lines, or touch them, and a digit paler than a speck: they are out of the
        // contrast by now.
        Span<byte> other = stackalloc byte[RowSequence.Length];
        DigitFinding foundOther = FindInContrast(contrast, paper, photo, other, out _);
        if (!foundOther.HasInk || (found.IsSpeck && !foundOther.IsBetterThanSpeck(found)))
        {
            return found;
        }

        other.CopyTo(digit);
        return foundOther;
    }

    /// <param name="contrast">The lines of a box, or a speck, are cleared, if that is all that was found.</param>
    /// <param name="paper">How it was measured.</param>
    /// <param name="photo">What it was measured in, ink dark, where the paper was estimated.</param>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink.</param>
    /// <param name="isCleared">Whether that was so.</param>
    private static DigitFinding FindInContrast(
        GrayImage contrast, PaperKind paper, GrayImage? photo, Span<byte> digit, out bool isCleared)
    {
        digit.Clear();
        isCleared = false;
        var found = new DigitFinding(paper, contrast.Width);
        if (InkThreshold.Find(contrast) is not { } threshold)
        {
            return found;
        }

        using InkParts ink = InkParts.Find(contrast, threshold.Low, photo);
        bool[] chosen = new bool[ink.Parts.Length];
        if (DigitChoice.Choose(ink.Parts, threshold.Peak, contrast.Width, contrast.Height, paper.IsTight, chosen) is not { } choice)
        {
            return found;
        }

        using GrayImage strokes = CutOut(ink, chosen, choice.Digit, contrast, threshold.Edge);
        found = found with { HasInk = true, Choice = choice, Edge = threshold.Edge };
        if (found.IsPolarityDoubtful || found.RunsAlongEdge)
        {
            found = found with { StrokeShare = StrokeWidth.Measure(strokes) / choice.Digit.LongSide };
        }

        using GrayImage box = DigitBox.Make(strokes);
        MnistForm.Place(box, digit);
        if (ink.Parts[choice.Main].IsBox)
        {
            ink.ClearSides(choice.Main, contrast);
            isCleared = true;
        }
        else if (found.IsSpeck)
        {
            ink.ClearSmall(choice.Digit.LongSide, contrast);
            isCleared = true;
        }

        return found;
    }

    /// <summary>The digit alone, its contrast as ink from 0 to 255.</summary>
    internal static GrayImage CutOut(
        InkParts ink, ReadOnlySpan<bool> chosen, InkPart digit, GrayImage contrast, int edge)
    {
        InkPart box = digit with
        {
            Left = Math.Max(digit.Left - SoftEdge, 0),
            Top = Math.Max(digit.Top - SoftEdge, 0),
            Right = Math.Min(digit.Right + SoftEdge, contrast.Width),
            Bottom = Math.Min(digit.Bottom + SoftEdge, contrast.Height),
        };
        using var wide = new GrayImage(box.Width, box.Height);
        ink.CopyChosen(chosen, SoftEdge, box, wide);
        Span<byte> inkOfContrast = stackalloc byte[256];
        for (int i = 0; i < inkOfContrast.Length; i++)
        {
            double aboveEdge = (i - edge) / (2 * edge * EdgeSoftness);
            inkOfContrast[i] = (byte)Math.Clamp(byte.MaxValue * (0.5 + aboveEdge), 0, byte.MaxValue);
        }

        var tight = new GrayImage(digit.Width, digit.Height);
        for (int y = 0; y < tight.Height; y++)
        {
            ReadOnlySpan<byte> source = wide.Row(y + digit.Top - box.Top)[(digit.Left - box.Left)..];
            Span<byte> row = tight.Row(y);
            source[..row.Length].CopyTo(row);
            for (int x = 0; x < row.Length; x++)
            {
                // Paper, most of a row, stays as it is.
                int skipped = row[x..].IndexOfAnyExcept((byte)0);
                if (skipped < 0)
                {
                    break;
                }

                for (x += skipped; x < row.Length && row[x] > 0; x++)
                {
                    row[x] = inkOfContrast[row[x]];
                }
            }
        }

        return tight;
    }
}
