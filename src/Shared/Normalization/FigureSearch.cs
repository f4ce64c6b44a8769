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
    /// <param name="max">More main figures are not cut out, only counted; more of another kind are left out.</param>
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

        List<FigureInk> rest = FigureInk.Select(ink.All, threshold.Peak, contrast.Width, contrast.Height);
        List<FigureInk> figures = FigureInk.Group(rest);
        if (figures.Count > max)
        {
            return [.. figures.Select(figure => new Figure(figure.Whole.Box, [], Cuts: 0))];
        }

        int number = 0;
        List<Figure> cut = [];
        Cut(figures, FigureKind.Main, ink, threshold);
        if (figures.Count > 0)
        {
            Cut(FigureInk.GroupLower(rest, figures), FigureKind.Lower, ink, threshold);
            CutPaler();
        }

        return cut;

        void Cut(List<FigureInk> found, FigureKind kind, ConnectedComponents components, InkThreshold level)
        {
            if (found.Count <= max)
            {
                var cutter = new FigureCutter(components, level, (double)region.Width / contrast.Width, region, kind);
                List<FigureInk> judged = [.. found.Select(figure => figure with { IsWhole = isWhole(number++) })];
                FigureInk.JoinStrokes(judged);
                cut.AddRange(judged.Select(cutter.Cut));
            }
        }

        // None where ink crosses the picture, as on ruled paper.
        void CutPaler()
        {
            if (threshold.Palest is not { } palest)
            {
                return;
            }

            using ConnectedComponents pale = ConnectedComponents.Find(contrast, palest.Low);
            if (!pale.All.Any(part => part.Box.Width == contrast.Width || part.Box.Height == contrast.Height))
            {
                List<FigureInk> selected =
                    FigureInk.Select(pale.All, palest.Peak, contrast.Width, contrast.Height);
                Cut(FigureInk.GroupPaler(selected, figures, threshold.Peak), FigureKind.Paler, pale, palest);
            }
        }
    }

    public void Dispose() => _search.Dispose();
}
