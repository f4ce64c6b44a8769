using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>Finds all figures of a picture or of a part of one.</summary>
/// <param name="picture">The whole picture.</param>
/// <param name="region">The part of it to search.</param>
/// <param name="times">Factor for the size to work on.</param>
internal sealed class FigureSearch(GrayImage picture, Region region, int times) : IDisposable
{
    private readonly DigitSearch _search = new(picture, region, times);

    /// <inheritdoc cref="DigitSearch.IsClear"/>
    public bool IsClear => _search.IsClear;

    /// <summary>
    /// Whether <see cref="FindAll"/> found ink that reaches the edge, which it may have taken for a frame.
    /// </summary>
    public bool HasInkAtEdge { get; private set; }

    /// <summary>Finds all figures.</summary>
    /// <param name="withoutLines">Whether to leave printed lines out.</param>
    /// <param name="isWhole">Whether the figure of this number is one digit, so that it need not be cut.</param>
    /// <param name="max">More figures are not cut out, only counted; more pale ones are left out.</param>
    /// <param name="way">0 to <see cref="DigitSearch.Ways"/> − 1.</param>
    /// <returns>Empty where there is no ink, or there are no lines to leave out.</returns>
    public IReadOnlyList<Figure> FindAll(bool withoutLines, Func<int, bool> isWhole, int max, int way = 0)
    {
        using GrayImage contrast = _search.Measure(way);
        if (DigitSearch.FindThreshold(contrast, withoutLines) is not { } threshold)
        {
            return [];
        }

        using ConnectedComponents all = ConnectedComponents.Find(contrast, threshold.Low);
        bool hasFrames = FigureFrames.Remove(contrast, all, threshold.Low, threshold.Peak);
        using ConnectedComponents? left = hasFrames ? ConnectedComponents.Find(contrast, threshold.Low) : null;
        ConnectedComponents ink = left ?? all;
        HasInkAtEdge |=
            ink.All.Any(component => component.EdgeContact > 0 && component.Peak >= threshold.Peak);

        List<FigureInk> figures =
            FigureInk.Group(FigureInk.Select(ink.All, threshold.Peak, contrast.Width, contrast.Height));
        FigureCutter cutter = Cutter(ink, threshold, contrast, isPale: false);
        return figures.Count > max
            ? [.. figures.Select(figure => new Figure(figure.Whole.Box, [], Cuts: 0))]
            :
            [
                .. figures.Select((figure, number) => cutter.Cut(figure, isWhole(number))),
                .. FindPaler(contrast, figures, threshold, isWhole, max),
            ];
    }

    /// <summary>
    /// Finds the figures of paler ink, as of another pen; none where ink crosses the picture, as on ruled paper.
    /// </summary>
    private List<Figure> FindPaler(
        GrayImage contrast, List<FigureInk> figures, InkThreshold threshold, Func<int, bool> isWhole, int max)
    {
        if (figures.Count == 0 || threshold.Palest is not { } palest)
        {
            return [];
        }

        using ConnectedComponents ink = ConnectedComponents.Find(contrast, palest.Low);
        if (ink.All.Any(component => component.Box.Width == contrast.Width || component.Box.Height == contrast.Height))
        {
            return [];
        }

        FigureCutter cutter = Cutter(ink, palest, contrast, isPale: true);
        List<FigureInk> selected = FigureInk.Select(ink.All, palest.Peak, contrast.Width, contrast.Height);
        List<FigureInk> paler = FigureInk.GroupPaler(selected, figures, threshold.Peak);
        return paler.Count > max
            ? []
            : [.. paler.Select((figure, number) => cutter.Cut(figure, isWhole(figures.Count + number)))];
    }

    private FigureCutter Cutter(ConnectedComponents ink, InkThreshold threshold, GrayImage contrast, bool isPale) =>
        new(ink, threshold, (double)region.Width / contrast.Width, region, isPale);

    public void Dispose() => _search.Dispose();
}
