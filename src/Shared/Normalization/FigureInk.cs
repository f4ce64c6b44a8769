namespace MnistLstm.Shared.Normalization;

/// <summary>The connected components of one figure.</summary>
/// <param name="Whole">All of them together.</param>
/// <param name="Members">Their numbers.</param>
internal sealed record FigureInk(Component Whole, List<int> Members)
{
    // As shares of the typical figure's height: a lower component is a part of a figure, punctuation or dirt, and parts
    // are near.
    private const double MinHeight = 0.45;
    private const double MaxGap = 0.2;

    /// <summary>
    /// Lowest figure beside larger ones, in pixels. With 12, 14 instead of 19 of 20 printed labels beside a number are
    /// recognized as text.
    /// </summary>
    private const int LowestFigure = 8;

    /// <summary>
    /// Two strokes of one digit are no farther apart than this share of its height. Of 304 printed words, 386 letters
    /// are taken for digits, with 0.2 413, and 425 if none are joined; made sheets lose a digit in 2,000.
    /// </summary>
    private const double MaxStrokeGap = 0.3;

    /// <summary>A figure of two tall parts is no higher than this: two lines are.</summary>
    private const double MaxHeight = 1.4;

    /// <summary>A part lies over or under its figure by this share of its width.</summary>
    private const double MinPartOverlap = 0.5;

    /// <summary>A line is higher than this many typical figures: a margin line, or what is left of a table.</summary>
    private const int MinTallLine = 2;

    /// <summary>
    /// A line is narrower than this share of its height. Without this for the pieces of frames, 89.8 instead of 90.7 %
    /// of 600 forms are read; with 0.1 or 0.3, as many.
    /// </summary>
    private const double MaxLineWidth = 0.2;

    /// <summary>A frame has a figure of this share of its height in it.</summary>
    public const double MinFigureInside = 0.35;

    /// <summary>Whether it is surely one digit.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Groups components to figures.</summary>
    /// <param name="ink">The selected components. Only those stay in it that belong to no figure.</param>
    public static List<FigureInk> Group(List<FigureInk> ink)
    {
        HashSet<Region> frames = SelectFrames(ink);
        ink.RemoveAll(figure => frames.Contains(figure.Whole.Box));
        if (ink.Count == 0)
        {
            return [];
        }

        double typical = TypicalHeight(ink);
        ink.RemoveAll(figure => IsLine(figure.Whole.Box) && figure.Whole.Box.Height > MinTallLine * typical);
        List<FigureInk> figures = ink.FindAll(figure => figure.Whole.Box.Height >= MinHeight * typical);
        JoinBroken(figures, typical);
        ink.RemoveAll(part => part.Whole.Box.Height >= MinHeight * typical || AddPart(figures, part, typical));
        return figures;
    }

    /// <summary>
    /// Groups what is lower than the figures. What has no neighbor of about its size is punctuation or dirt, and left
    /// out.
    /// </summary>
    /// <param name="ink">The selected components that <see cref="Group"/> left.</param>
    /// <param name="figures">The figures that it found.</param>
    public static List<FigureInk> GroupLower(List<FigureInk> ink, List<FigureInk> figures)
    {
        List<FigureInk> lower = Group(
            ink.FindAll(part => part.Whole.EdgeContact == 0 && part.Whole.Box.Height >= LowestFigure));
        lower.RemoveAll(part => figures.Exists(part.IsOver));
        return lower.FindAll(part => lower.Exists(part.IsNextTo) || figures.Exists(part.IsNextTo));
    }

    /// <summary>
    /// Groups the components of paler ink beside figures of about their size. What may be an upright line is left out,
    /// so a thin pale 1 is too.
    /// </summary>
    /// <param name="ink">The selected components of the paler ink.</param>
    /// <param name="figures">Those of darker ink; at least one.</param>
    /// <param name="darkest">Contrast that only the darker ink reaches.</param>
    public static List<FigureInk> GroupPaler(List<FigureInk> ink, List<FigureInk> figures, int darkest)
    {
        double typical = TypicalHeight(figures);
        return Group(ink.FindAll(figure => figure.Whole.Peak < darkest && figure.Whole.EdgeContact == 0)).FindAll(
            paler => !IsLine(paler.Whole.Box)
                && paler.Whole.Box.Height >= MinHeight * typical && paler.Whole.Box.Height <= MinTallLine * typical
                && !figures.Exists(paler.IsOver));
    }

    /// <summary>
    /// Joins each doubtful figure with the nearest one that may be a stroke of the same digit, as of an open 4. If they
    /// are two digits, they are cut again between them.
    /// </summary>
    public static void JoinStrokes(List<FigureInk> figures)
    {
        for (int i = 0; i < figures.Count; i++)
        {
            FigureInk figure = figures[i];
            FigureInk? nearest = figure.IsWhole ? null : figures.Where(figure.MayBeOneDigitWith)
                .MinBy(other => figure.Whole.Box.DistanceTo(other.Whole.Box));
            if (nearest is not null)
            {
                figures[i] = figure.Join(nearest);
                int joined = figures.IndexOf(nearest);
                figures.RemoveAt(joined);
                i -= joined < i ? 1 : 0;
            }
        }
    }

    private bool MayBeOneDigitWith(FigureInk other)
    {
        Region both = Whole.Box.Join(other.Whole.Box);
        return other != this && both.Width <= both.Height
            && Whole.Box.DistanceTo(other.Whole.Box) <= MaxStrokeGap * both.Height
            && ReadingOrder.AreInOneLine(Whole.Box, other.Whole.Box);
    }

    /// <summary>Whether one of the two has the middle of the other in its box.</summary>
    private bool IsOver(FigureInk other) =>
        Whole.Box.EnclosesMiddleOf(other.Whole.Box) || other.Whole.Box.EnclosesMiddleOf(Whole.Box);

    /// <summary>Whether the other is in the same line, no farther than this is high, and about as high.</summary>
    private bool IsNextTo(FigureInk other)
    {
        Region box = Whole.Box;
        Region next = other.Whole.Box;
        return other != this && box.DistanceTo(next) <= box.Height && ReadingOrder.AreInOneLine(box, next)
            && Math.Min(box.Height, next.Height) >= MinHeight * Math.Max(box.Height, next.Height);
    }

    /// <summary>Each component that could be a figure or a frame, alone.</summary>
    /// <param name="components">All components of the picture.</param>
    /// <param name="peak">Contrast that ink reaches somewhere.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    public static List<FigureInk> Select(IReadOnlyList<Component> components, int peak, int width, int height)
    {
        List<FigureInk> ink = [];
        for (int i = 0; i < components.Count; i++)
        {
            if (components[i].Peak >= peak && !components[i].IsAlongEdge(width, height))
            {
                ink.Add(new FigureInk(components[i], [i]));
            }
        }

        return ink;
    }

    /// <summary>Whether a component of this box is so narrow that it may be an upright line.</summary>
    public static bool IsLine(in Region box) => box.Width < MaxLineWidth * box.Height;

    /// <summary>The boxes of those that are frames.</summary>
    public static HashSet<Region> SelectFrames(List<FigureInk> ink)
    {
        Region[] boxes = [.. ink.Select(figure => figure.Whole.Box)];
        return [.. boxes.Where(outer => Array.Exists(boxes, inner =>
            inner.Height >= MinFigureInside * outer.Height && outer.Encloses(inner) && inner != outer))];
    }

    /// <summary>Half of all ink is in figures at least this high.</summary>
    private static double TypicalHeight(List<FigureInk> ink)
    {
        long left = ink.Sum(figure => (long)figure.Whole.Area) / 2;
        foreach (FigureInk figure in ink.OrderByDescending(figure => figure.Whole.Box.Height))
        {
            left -= figure.Whole.Area;
            if (left <= 0)
            {
                return figure.Whole.Box.Height;
            }
        }

        return 0;
    }

    /// <summary>Joins tall parts of one figure: a pen skipped.</summary>
    private static void JoinBroken(List<FigureInk> figures, double typical)
    {
        for (int i = 0; i < figures.Count; i++)
        {
            for (int j = figures.Count - 1; j > i; j--)
            {
                Region a = figures[i].Whole.Box;
                Region b = figures[j].Whole.Box;
                if (OverlapX(a, b) >= MinPartOverlap * Math.Min(a.Width, b.Width)
                    && a.DistanceTo(b) <= MaxGap * typical
                    && a.Join(b).Height <= MaxHeight * typical)
                {
                    figures[i] = figures[i].Join(figures[j]);
                    figures.RemoveAt(j);
                    j = figures.Count;
                }
            }
        }
    }

    private static bool AddPart(List<FigureInk> figures, FigureInk part, double typical)
    {
        Region box = part.Whole.Box;
        int nearest = -1;
        for (int i = 0; i < figures.Count; i++)
        {
            Region figure = figures[i].Whole.Box;
            if (OverlapX(figure.Grow((int)(MaxGap * typical / 2)), box) >= MinPartOverlap * box.Width
                && figure.DistanceTo(box) <= MaxGap * typical
                && !part.Whole.IsSpeckBeside(figures[i].Whole)
                && (nearest < 0 || figure.DistanceTo(box) < figures[nearest].Whole.Box.DistanceTo(box)))
            {
                nearest = i;
            }
        }

        if (nearest >= 0)
        {
            figures[nearest] = figures[nearest].Join(part);
        }

        return nearest >= 0;
    }

    private FigureInk Join(FigureInk other) =>
        this with { Whole = Whole.Join(other.Whole), Members = [.. Members, .. other.Members] };

    private static int OverlapX(in Region a, in Region b) => Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left);
}
