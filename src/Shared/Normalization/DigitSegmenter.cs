using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Proposes where in a picture its digits could be, for the network to judge by its evidence.</summary>
public static class DigitSegmenter
{
    /// <summary>Small digits need more pixels of the picture than a digit that fills it.</summary>
    private const int Times = 2;

    /// <summary>Width of the soft edge of a panel, in pixels.</summary>
    private const int PanelEdge = 3;

    /// <summary>
    /// The figures that are searched inside have together at most this many times the picture's pixels. A search covers
    /// up to three times the figure's box.
    /// </summary>
    private const int MaxSearchArea = 2;

    /// <summary>
    /// The likeliest reading, with every figure as one digit. Where ink reaches the picture's edge, it may be a frame,
    /// which is left out, or a digit that was cut out tightly: then a second reading has a margin around the picture.
    /// </summary>
    /// <param name="picture">In use until the enumeration ends.</param>
    /// <param name="maxFigures">A reading of more figures has no pieces.</param>
    /// <returns>The figures, none where there is no ink, and whether there is a margin.</returns>
    public static IEnumerable<(IReadOnlyList<Figure> Figures, bool HasMargin)> ProposePlain(
        GrayImage picture, int maxFigures)
    {
        if (DigitNormalizer.PassThrough(picture) is { } passed)
        {
            yield return ([new Figure(passed.Box, [new FigurePiece(0, 1, passed)], Cuts: 0)], false);
            yield break;
        }

        using FigureSearch whole = Search(picture);
        yield return (Find(whole), false);
        if (whole.HasInkAtEdge)
        {
            yield return (FindWithMargin(picture, Find), true);
        }

        IReadOnlyList<Figure> Find(FigureSearch search) => search.FindAll(withoutLines: false, _ => true, maxFigures);
    }

    /// <summary>
    /// Cuts the figures that are in doubt, and searches inside them. Where most are, the picture is read in other ways
    /// too: without printed lines, inside its surround, over the other background, with ink of the other polarity.
    /// </summary>
    /// <param name="picture">The same picture, in use until the enumeration ends.</param>
    /// <param name="hasMargin">Whether the plain reading was the one with a margin.</param>
    /// <param name="isSettled">For each figure of the plain reading: not a main one, or surely one digit.</param>
    /// <param name="maxFigures">A reading of more figures has no pieces.</param>
    /// <param name="stop">Ends the work.</param>
    /// <returns>Readings, each the figures, or none.</returns>
    public static IEnumerable<IReadOnlyList<Figure>> Propose(
        GrayImage picture, bool hasMargin, IReadOnlyList<bool> isSettled, int maxFigures, CancellationToken stop)
    {
        using FigureSearch whole = Search(picture);
        IReadOnlyList<Figure> plain = hasMargin ? FindWithMargin(picture, Cut) : Cut(whole);
        yield return SearchInside(picture, plain, maxFigures, stop);
        if (plain.Count(figure => figure is { IsMain: true, IsWhole: true }) > Figure.CountMain(plain) / 2)
        {
            yield break;
        }

        yield return whole.FindAll(withoutLines: true, _ => false, maxFigures);

        using FigureSearch? inner = InnerPicture.Find(picture) is { } region
            ? new FigureSearch(picture, region, Times)
            : null;
        if (inner is not null)
        {
            yield return inner.FindAll(withoutLines: false, _ => false, maxFigures);
        }

        for (int way = 1; way < DigitSearch.Ways && !whole.IsClear; way++)
        {
            yield return whole.FindAll(withoutLines: false, _ => false, maxFigures, way);
        }

        IReadOnlyList<Figure> Cut(FigureSearch search) =>
            search.FindAll(withoutLines: false, figure => isSettled[figure], maxFigures);
    }

    /// <summary>Searches the boxes of doubtful figures as if each were a picture.</summary>
    private static List<Figure> SearchInside(
        GrayImage picture, IReadOnlyList<Figure> figures, int maxFigures, CancellationToken stop)
    {
        long area = MaxSearchArea * (long)picture.Pixels.Length;
        int pieces = FigureCutter.MaxPieces;
        List<Figure> result = [.. figures];
        for (int n = 0; n < result.Count; n++)
        {
            stop.ThrowIfCancellationRequested();
            Figure figure = result[n];
            if (!figure.IsWhole && (figure.IsWide || figure.IsFilled))
            {
                area -= (long)figure.Box.Width * figure.Box.Height;
                if (area >= 0 && pieces >= 0)
                {
                    result[n] = figure with { Inside = [.. FindInside(picture, figure, figures, maxFigures)] };
                    pieces -= result[n].AllPieces.Count() - figure.Pieces.Count;
                }
            }
        }

        return result;
    }

    /// <summary>
    /// A wide figure may be digits on a printed line, and a filled one a panel with light digits on it. Only several
    /// figures are a better reading: one alone is the same digit without a stroke.
    /// </summary>
    private static IEnumerable<IReadOnlyList<Figure>> FindInside(
        GrayImage picture, Figure figure, IReadOnlyList<Figure> all, int maxFigures)
    {
        // The line fills the lower edge of its box: a higher region has the paper's tone at its edges. If most figures
        // on the line are upright lines, it is a scale, or the comb of a form.
        Region box = figure.Box;
        var line = new Region(box.Left, box.Top - (box.Height / 2), box.Right, box.Bottom + (box.Height / 2));
        if (figure.IsWide
            && Find(line, withoutLines: true) is { } onLine && Figure.CountMain(onLine) is > 1 and var count
            && onLine.Count(found => found.IsMain && FigureInk.IsLine(found.Box)) <= count / 2)
        {
            yield return onLine;
        }

        Region panel = box.Grow(-PanelEdge);
        if (figure.IsFilled && Math.Min(panel.Width, panel.Height) >= MnistFormat.Side
            && Find(panel, withoutLines: false) is { } onPanel && Figure.CountMain(onPanel) > 1)
        {
            yield return onPanel;
        }

        // Digits on a line reach the edges of its box, but ink at a panel's edge belongs to its surroundings.
        List<Figure> Find(Region region, bool withoutLines)
        {
            using var search = new FigureSearch(picture, region.Meet(Region.Of(picture)), Times);
            return
            [
                .. search.FindAll(withoutLines, _ => false, maxFigures)
                    .Where(found => found.Pieces.Count > 0
                        && (withoutLines || region.Grow(-1).Encloses(found.Box))
                        && !all.Any(other => other != figure && other.Box.EnclosesMiddleOf(found.Box))),
            ];
        }
    }

    private static FigureSearch Search(GrayImage picture, int times = Times) =>
        new(picture, Region.Of(picture), times);

    private static IReadOnlyList<Figure> FindWithMargin(
        GrayImage picture, Func<FigureSearch, IReadOnlyList<Figure>> find)
    {
        int side = Math.Min(picture.Width, picture.Height);
        using GrayImage page = DigitNormalizer.AddMargin(picture, side, out int margin);
        using FigureSearch search = Search(page, Times + 1); // the margin adds up to half of the side
        Region whole = Region.Of(picture);
        return
        [
            .. find(search).Select(figure => figure with
            {
                Box = Shift(figure.Box),
                Pieces = [.. figure.Pieces.Select(ShiftPiece)],
            }),
        ];

        FigurePiece ShiftPiece(FigurePiece piece) =>
            piece with { Candidate = piece.Candidate with { Box = Shift(piece.Candidate.Box) } };

        // What background subtraction leaves in the margin has no place in the picture.
        Region Shift(Region box) =>
            box.Map(1, -margin, -margin).Meet(whole) is { Width: > 0, Height: > 0 } inside ? inside : whole;
    }
}
