using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Proposes where in a picture its digits could be, for the network to judge by its evidence.</summary>
public static class DigitSegmenter
{
    /// <summary>Small digits need more pixels of the picture than a digit that fills it.</summary>
    private const int Times = 2;

    /// <summary>The likeliest reading, with every figure as one digit.</summary>
    /// <param name="picture">In use until this returns.</param>
    /// <param name="maxFigures">A reading of more figures has no pieces.</param>
    /// <returns>The figures in reading order; none where there is no ink.</returns>
    public static IReadOnlyList<Figure> ProposePlain(GrayImage picture, int maxFigures)
    {
        if (DigitNormalizer.PassThrough(picture) is { } passed)
        {
            return [new Figure(0, [new FigurePiece(0, 1, passed)], Cuts: 0)];
        }

        using var whole = new DigitSearch(picture, new Region(0, 0, picture.Width, picture.Height), Times);
        return whole.FindAll(withoutLines: false, _ => true, maxFigures);
    }

    /// <summary>
    /// Cuts the figures that are in doubt. Where most are, the picture is read in other ways too: without printed
    /// lines, inside its surround.
    /// </summary>
    /// <param name="picture">The same picture, in use until this returns.</param>
    /// <param name="isDigit">For each figure of the plain reading, whether it surely is one digit.</param>
    /// <param name="maxFigures">A reading of more figures has no pieces.</param>
    /// <returns>Readings, each the figures in reading order.</returns>
    public static IReadOnlyList<IReadOnlyList<Figure>> Propose(
        GrayImage picture, IReadOnlyList<bool> isDigit, int maxFigures)
    {
        using var whole = new DigitSearch(picture, new Region(0, 0, picture.Width, picture.Height), Times);
        IReadOnlyList<Figure> cut = whole.FindAll(withoutLines: false, figure => isDigit[figure], maxFigures);
        if (isDigit.Count(sure => sure) > isDigit.Count / 2)
        {
            return [cut];
        }

        using DigitSearch? inner = InnerPicture.Find(picture) is { } region
            ? new DigitSearch(picture, region, Times)
            : null;
        IReadOnlyList<Figure>[] readings =
        [
            cut,
            whole.FindAll(withoutLines: true, _ => false, maxFigures),
            inner?.FindAll(withoutLines: false, _ => false, maxFigures) ?? [],
        ];
        return [.. readings.Where(figures => figures.Count > 0)];
    }
}
