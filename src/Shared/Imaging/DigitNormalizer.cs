namespace MnistLstm.Shared.Imaging;

/// <summary>Brings any grey picture of a digit to MNIST's form: 28x28 pixels, 0 = paper, 255 = ink.</summary>
public static class DigitNormalizer
{
    /// <summary>Around the digit, the soft edge of its ink stays, in pixels.</summary>
    private const int SoftEdge = 1;

    /// <summary>Share of the step from paper to ink over which ink's edge goes from 0 to 255: what is left of blur.</summary>
    private const double EdgeSoftness = 0.7;

    // Ink that touches the picture's edge over this share of its width and height together is looked at the other way too,
    // as light ink instead of dark, and that is taken where it has so much more ink and does not touch.
    private const double LongContact = 0.05;
    private const double MuchMoreInk = 1.5;

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
            return new NormalizedDigit(HasInk: true, PassedThrough: true);
        }

        NormalizedDigit found = Find(image, isOtherPolarity: false, digit, out DigitChoice choice, out bool isTight);
        if (isTight || choice.EdgeShare < LongContact)
        {
            return found;
        }

        // What runs along the picture's edge can be a bright patch beside a shadow that passed for light ink.
        Span<byte> other = stackalloc byte[RowSequence.Length];
        NormalizedDigit otherFound = Find(image, isOtherPolarity: true, other, out DigitChoice otherChoice, out _);
        bool isOtherBetter = choice.IsFrame || otherChoice.Digit.Mass > MuchMoreInk * choice.Digit.Mass;
        if (!otherFound.HasInk || otherChoice.EdgeShare > 0 || !isOtherBetter)
        {
            return found;
        }

        other.CopyTo(digit);
        return otherFound;
    }

    /// <param name="image">Not in MNIST's form.</param>
    /// <param name="isOtherPolarity">Take the ink to be light where it looks dark, and the other way round.</param>
    /// <param name="digit">[28, 28], 0 = paper, 255 = ink.</param>
    /// <param name="choice">What the digit was made of.</param>
    /// <param name="isTight">Whether the picture is cut close around the digit.</param>
    private static NormalizedDigit Find(
        GrayImage image, bool isOtherPolarity, Span<byte> digit, out DigitChoice choice, out bool isTight)
    {
        using GrayImage contrast = InkContrast.Measure(image, isOtherPolarity, out isTight);
        NormalizedDigit found = FindInContrast(contrast, isTight, digit, out choice, out bool isInBox);
        if (!isInBox)
        {
            return found;
        }

        // What is written into a box can be paler than its lines, or touch them: they are out of the contrast by now.
        Span<byte> inside = stackalloc byte[RowSequence.Length];
        NormalizedDigit foundInside = FindInContrast(contrast, isTight, inside, out DigitChoice choiceInside, out _);
        if (!foundInside.HasInk)
        {
            return found;
        }

        inside.CopyTo(digit);
        choice = choiceInside;
        return foundInside;
    }

    /// <param name="contrast">The lines of a box are cleared, if that is all that was found.</param>
    /// <param name="isInBox">Whether that was so.</param>
    private static NormalizedDigit FindInContrast(
        GrayImage contrast, bool isTight, Span<byte> digit, out DigitChoice choice, out bool isInBox)
    {
        digit.Clear();
        choice = default;
        isInBox = false;
        if (InkThreshold.Find(contrast) is not { } threshold)
        {
            return default;
        }

        using InkParts ink = InkParts.Find(contrast, threshold.Low);
        bool[] chosen = new bool[ink.Parts.Length];
        if (DigitChoice.Choose(ink.Parts, threshold.Peak, contrast.Width, contrast.Height, isTight, chosen) is not { } found)
        {
            return default;
        }

        choice = found;
        using GrayImage strokes = CutOut(ink, chosen, choice.Digit, contrast, threshold.Edge);
        using GrayImage box = DigitBox.Make(strokes);
        MnistForm.Place(box, digit);
        isInBox = ink.Parts[choice.Main].IsBox;
        if (isInBox)
        {
            ink.ClearSides(choice.Main, contrast);
        }

        return new NormalizedDigit(HasInk: true, PassedThrough: false, choice.SecondFigure);
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
