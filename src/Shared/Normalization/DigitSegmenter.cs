using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Proposes where in a picture its digits could be, for the network to judge by its evidence.</summary>
public static class DigitSegmenter
{
    /// <summary>Small digits need more pixels of the picture than a digit that fills it.</summary>
    private const int Times = 2;

    /// <summary>
    /// The likeliest reading, with every figure as one digit. Where ink reaches the picture's edge, it may be a frame,
    /// which is left out, or a digit that was cut out tightly: then a second reading has a margin around the picture.
    /// </summary>
    /// <param name="picture">In use until the enumeration ends.</param>
    /// <param name="maxFigures">A reading of more figures has no pieces.</param>
    /// <returns>The figures in reading order, none where there is no ink, and whether there is a margin.</returns>
    public static IEnumerable<(IReadOnlyList<Figure> Figures, bool HasMargin)> ProposePlain(
        GrayImage picture, int maxFigures)
    {
        if (DigitNormalizer.PassThrough(picture) is { } passed)
        {
            yield return ([new Figure(0, [new FigurePiece(0, 1, passed)], Cuts: 0)], false);
            yield break;
        }

        using DigitSearch whole = Search(picture);
        yield return (Find(whole), false);
        if (whole.HasInkAtEdge)
        {
            yield return (FindWithMargin(picture, Find), true);
        }

        IReadOnlyList<Figure> Find(DigitSearch search) => search.FindAll(withoutLines: false, _ => true, maxFigures);
    }

    /// <summary>
    /// Cuts the figures that are in doubt. Where most are, the picture is read in other ways too: without printed
    /// lines, inside its surround, over the other background, with ink of the other polarity.
    /// </summary>
    /// <param name="picture">The same picture, in use until the enumeration ends.</param>
    /// <param name="hasMargin">Whether the plain reading was the one with a margin.</param>
    /// <param name="isDigit">For each figure of the plain reading, whether it surely is one digit.</param>
    /// <param name="maxFigures">A reading of more figures has no pieces.</param>
    /// <returns>Readings, each the figures in reading order, or none.</returns>
    public static IEnumerable<IReadOnlyList<Figure>> Propose(
        GrayImage picture, bool hasMargin, IReadOnlyList<bool> isDigit, int maxFigures)
    {
        using DigitSearch whole = Search(picture);
        yield return hasMargin ? FindWithMargin(picture, Cut) : Cut(whole);
        if (isDigit.Count(sure => sure) > isDigit.Count / 2)
        {
            yield break;
        }

        yield return whole.FindAll(withoutLines: true, _ => false, maxFigures);

        using DigitSearch? inner = InnerPicture.Find(picture) is { } region
            ? new DigitSearch(picture, region, Times)
            : null;
        if (inner is not null)
        {
            yield return inner.FindAll(withoutLines: false, _ => false, maxFigures);
        }

        for (int way = 1; way < DigitSearch.Ways && !whole.IsClear; way++)
        {
            yield return whole.FindAll(withoutLines: false, _ => false, maxFigures, way);
        }

        IReadOnlyList<Figure> Cut(DigitSearch search) =>
            search.FindAll(withoutLines: false, figure => isDigit[figure], maxFigures);
    }

    private static DigitSearch Search(GrayImage picture, int times = Times) =>
        new(picture, new Region(0, 0, picture.Width, picture.Height), times);

    private static IReadOnlyList<Figure> FindWithMargin(
        GrayImage picture, Func<DigitSearch, IReadOnlyList<Figure>> find)
    {
        int side = Math.Min(picture.Width, picture.Height);
        using GrayImage page = DigitNormalizer.AddMargin(picture, side, out int margin);
        using DigitSearch search = Search(page, Times + 1); // the margin adds up to half of the side
        var whole = new Region(0, 0, picture.Width, picture.Height);
        return [.. find(search).Select(figure => figure with { Pieces = [.. figure.Pieces.Select(Shift)] })];

        FigurePiece Shift(FigurePiece piece)
        {
            // What background subtraction leaves in the margin has no place in the picture.
            Region box = piece.Candidate.Box.Map(1, -margin, -margin).Meet(whole);
            return piece with
            {
                Candidate = piece.Candidate with { Box = box is { Width: > 0, Height: > 0 } ? box : whole },
            };
        }
    }
}
