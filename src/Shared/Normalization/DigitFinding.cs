namespace MnistLstm.Shared.Normalization;

/// <summary>A digit that was found in a picture, for ink of one polarity.</summary>
/// <param name="Paper">How ink and paper were told apart.</param>
/// <param name="Width">Of the picture that it was found in, in pixels: reduced from the one that was given.</param>
internal readonly record struct DigitFinding(PaperKind Paper, int Width)
{
    // Ink that touches the picture's edge over this share of its width and height together is looked at the other way too,
    // as light ink instead of dark, and that is taken where it has so much more ink and does not touch.
    private const double LongContact = 0.05;
    private const double MuchMoreInk = 1.5;

    /// <summary>The photo shows no more than so much less of the outline of ink than of a frame's.</summary>
    private const double LessOutline = 0.1;

    // Ink that is paler, or less than this share of the other's, is the grain of paper.
    private const int LeastEdge = 10;
    private const double LeastInk = 0.001;

    /// <summary>On paper of one level, what runs along more of the edge than any digit is the edge of a shadow.</summary>
    private const double ShadowContact = 0.35;
    private const double ShadowContactOfTight = 0.9;

    // The signs of polarity add up to less than this where they contradict one another. Then both are tried: how much more of an
    // outline the photo shows counts by the weight, up to a largest difference, and so does how much more ink there is, as a
    // logarithm; what is shown no better and is a blob, or much wider than the strokes around it, is the hole of a digit.
    private const double Doubt = 2.4;
    private const double OutlineWeight = 8;
    private const double MostOutline = 0.3;
    private const double SameOutline = 0.03;
    private const double HoleWeight = 2;
    private const double InkWeight = 0.75;
    private const double MostInk = 1;
    private const double BlobShare = 0.26;
    private const double MuchWider = 2;

    // What is this small might be a speck, where paler ink is that much larger.
    private const int SpecksAcross = 16;
    private const int MuchLarger = 3;

    /// <summary>Whether there is one.</summary>
    public bool HasInk { get; init; }

    /// <summary>What it was made of.</summary>
    public DigitChoice Choice { get; init; }

    /// <summary>Contrast at which its ink begins.</summary>
    public int Edge { get; init; }

    /// <summary>Width of its strokes as a share of its longer side; measured where the other polarity is tried.</summary>
    public double StrokeShare { get; init; }

    /// <summary>Whether the other polarity is to be tried as well.</summary>
    public bool IsPolarityDoubtful => Paper.IsLit && Math.Abs(Paper.InkLightness) < Doubt;

    /// <summary>Whether it might be a bright patch beside a shadow that passed for light ink, or a table.</summary>
    public bool RunsAlongEdge => !Paper.IsTight && Choice.EdgeShare >= LongContact;

    /// <summary>Whether paper that passed for flat could lie in light and shadow.</summary>
    public bool IsShadow => !Paper.IsLit && Choice.EdgeShare > (Paper.IsTight ? ShadowContactOfTight : ShadowContact);

    /// <summary>Whether this one of the other polarity explains the picture better than the one that it looks like.</summary>
    public bool IsBetterThan(DigitFinding first)
    {
        if (!HasInk)
        {
            return false;
        }

        if (first.IsPolarityDoubtful && first.HasInk)
        {
            double against = first.Paper.IsInkLighter ? first.Paper.InkLightness : -first.Paper.InkLightness;
            double more = Math.Clamp(Choice.OutlineSupport - first.Choice.OutlineSupport, -MostOutline, MostOutline);
            double isHole = (more > -SameOutline && first.IsHoleOf(this) ? 1 : 0) - (more < SameOutline && IsHoleOf(first) ? 1 : 0);
            double moreInk = Math.Clamp(Math.Log((double)Choice.Digit.Mass / first.Choice.Digit.Mass), -MostInk, MostInk);
            if ((OutlineWeight * more) + (HoleWeight * isHole) + (InkWeight * moreInk) > against)
            {
                return true;
            }
        }

        bool explainsMore = first.Choice.IsFrame
            ? IsInkBeside(first) && Choice.OutlineSupport > first.Choice.OutlineSupport - LessOutline && !IsHoleOf(first)
            : Choice.Digit.Mass > MuchMoreInk * first.Choice.Digit.Mass && !IsBetweenStrokesOf(first);
        return first.RunsAlongEdge && Choice.EdgeShare == 0 && explainsMore;
    }

    /// <summary>Whether this one, of paper in uneven light, explains the picture better than the shadow that passed for ink of one level.</summary>
    public bool IsBetterThanShadow(DigitFinding shadow) =>
        HasInk && Choice.EdgeShare < LongContact && IsInkBeside(shadow);

    /// <summary>Whether it is so small that it might be a speck beside a paler digit. In photos it is a digit far away, and the rest grain.</summary>
    public bool IsSpeck => !Paper.IsLit && Choice.Digit.LongSide * SpecksAcross < Width;

    /// <summary>Whether this one, found when a speck was taken out, is a digit.</summary>
    public bool IsBetterThanSpeck(DigitFinding speck) =>
        HasInk
        && !RunsAlongEdge
        && Choice.Digit.LongSide > MuchLarger * speck.Choice.Digit.LongSide
        && Choice.Digit.Mass > MuchLarger * speck.Choice.Digit.Mass
        && Edge >= LeastEdge;

    private bool IsInkBeside(DigitFinding other) => Edge >= LeastEdge && Choice.Digit.Mass > LeastInk * other.Choice.Digit.Mass;

    /// <summary>Whether it is the paper that the other's strokes leave, which is wider than they are.</summary>
    private bool IsBetweenStrokesOf(DigitFinding other) =>
        IsMuchWiderThan(other) && other.Choice.Digit.HasInside(Choice.Digit.Middle);

    private bool IsHoleOf(DigitFinding other) =>
        (StrokeShare > BlobShare || IsMuchWiderThan(other))
        && other.Choice.Digit.Encloses(Choice.Digit)
        && !Choice.Digit.Encloses(other.Choice.Digit);

    private bool IsMuchWiderThan(DigitFinding other) => StrokeShare > MuchWider * other.StrokeShare;
}
