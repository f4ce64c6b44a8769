using System.Numerics.Tensors;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>The ways to tell ink from paper in a picture or in a part of one, the likeliest first.</summary>
internal sealed class DigitSearch : IDisposable
{
    /// <summary>
    /// How many ways there are: either background, for ink of the likelier polarity, then of the other.
    /// </summary>
    public const int Ways = 4;

    // Longest side of the picture to work on, in pixels: lines on flat paper may be thin, photos have grain.
    private const int DrawnSide = 512;
    private const int PhotoSide = 256;

    /// <summary>A digit whose longer side is less, in pixels, is read again in the unreduced picture.</summary>
    private const int SmallDigit = 2 * MnistFormat.BoxSide;

    private readonly GrayImage _image;
    private readonly Region _region;
    private readonly GrayImage _drawn;
    private readonly PaperTone _paper;
    private readonly bool _isInkLight;
    private readonly int _photoSide;
    private GrayImage? _photo;

    /// <param name="picture">The whole picture.</param>
    /// <param name="region">The part of it to search.</param>
    /// <param name="times">Factor for the size to work on: more for several digits.</param>
    public DigitSearch(GrayImage picture, in Region region, int times = 1)
    {
        _photoSide = times * PhotoSide;
        _region = region;
        _image = picture.Part(region.Left, region.Top, region.Right, region.Bottom);
        _drawn = Downscale.ToSide(_image, times * DrawnSide);
        _paper = PaperTone.Measure(_drawn);
        bool? isInkLight = _paper.FindPolarity(_drawn);
        _isInkLight = isInkLight ?? Polarity.IsInkLight(_drawn);
        IsClear = isInkLight is not null && _paper.IsEdgeFlat;
    }

    /// <summary>
    /// Whether the first way is the only one: flat paper up to all edges, and all ink on one side of it.
    /// </summary>
    public bool IsClear { get; }

    /// <summary>
    /// Whether <see cref="FindAll"/> found ink that reaches the edge, which it may have taken for a frame.
    /// </summary>
    public bool HasInkAtEdge { get; private set; }

    private GrayImage Photo => _photo ??= Downscale.ToSide(_drawn, _photoSide);

    /// <summary>
    /// Tries the likeliest way, first with paler ink where that adds any: a stroke may be much paler than the rest.
    /// </summary>
    /// <returns>Nothing where there is no ink.</returns>
    public IEnumerable<DigitCandidate> FindLikeliest()
    {
        using GrayImage contrast = Measure(way: 0);
        if (InkThreshold.Find(contrast) is not { } threshold
            || Find(contrast, threshold, withoutOuter: false) is not { } likeliest)
        {
            yield break;
        }

        if (threshold.Lower(contrast) is { } lower)
        {
            // All ink is to count alike.
            TensorPrimitives.Min(contrast.Pixels, (byte)(2 * lower.Edge), contrast.Pixels);
            if (Find(contrast, lower, withoutOuter: false) is { } paler && paler.HasInkBeside(likeliest))
            {
                yield return paler;
            }
        }

        yield return likeliest;
    }

    /// <summary>Tries one way.</summary>
    /// <param name="way">0 to <see cref="Ways"/> − 1.</param>
    /// <param name="without">The printed parts to leave out.</param>
    /// <returns>Null where there is no ink, or nothing to leave out.</returns>
    public DigitCandidate? Find(int way, Printed without = Printed.Nothing)
    {
        using GrayImage contrast = Measure(way);
        return FindThreshold(contrast, without == Printed.Lines) is { } threshold
            ? Find(contrast, threshold, without == Printed.Boxes)
            : null;
    }

    /// <summary>Finds all figures.</summary>
    /// <param name="withoutLines">Whether to leave printed lines out.</param>
    /// <param name="isWhole">Whether the figure of this number is one digit, so that it need not be cut.</param>
    /// <param name="max">More figures are not cut out, only counted.</param>
    /// <param name="way">0 to <see cref="Ways"/> − 1.</param>
    /// <returns>Empty where there is no ink, or there are no lines to leave out.</returns>
    public IReadOnlyList<Figure> FindAll(bool withoutLines, Func<int, bool> isWhole, int max, int way = 0)
    {
        using GrayImage contrast = Measure(way);
        if (FindThreshold(contrast, withoutLines) is not { } threshold)
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

    /// <summary>Finds the figures of paler ink, as of another pen, unless it is the print of ruled paper.</summary>
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
        new(ink, threshold, (double)_image.Width / contrast.Width, _region, isPale);

    /// <returns>Null where there is no ink, or there are no lines to leave out.</returns>
    private static InkThreshold? FindThreshold(GrayImage contrast, bool withoutLines) =>
        InkThreshold.Find(contrast) is not { } threshold ? null
        : !withoutLines ? threshold
        : LongLines.Remove(contrast, threshold.Low) ? InkThreshold.Find(contrast)
        : null;

    public void Dispose()
    {
        _image.Dispose();
        _drawn.Dispose();
        _photo?.Dispose();
    }

    private GrayImage Measure(int way)
    {
        bool isInkLight = way < 2 ? _isInkLight : !_isInkLight;
        bool isFlat = way % 2 == 0 == _paper.Level.HasValue;
        if (!isFlat)
        {
            return BackgroundSubtraction.FromBackground(Photo, isInkLight);
        }

        ReadOnlySpan<byte> levels = _drawn.Pixels;
        return _paper.Level is { } level ? BackgroundSubtraction.FromLevel(_drawn, level, isInkLight)
            : BackgroundSubtraction.FromLevel(
                Photo, isInkLight ? TensorPrimitives.Min(levels) : TensorPrimitives.Max(levels), isInkLight);
    }

    private DigitCandidate? Find(GrayImage contrast, InkThreshold threshold, bool withoutOuter)
    {
        using ConnectedComponents ink = ConnectedComponents.Find(contrast, threshold.Low);
        if (ComponentSelection.Choose(ink.All, threshold.Peak, contrast.Width, contrast.Height,
            withoutOuter) is not { } selection)
        {
            return null;
        }

        double scale = (double)_image.Width / contrast.Width;
        Region box = selection.Digit.Box;
        if (box.LongSide < SmallDigit && contrast.Width < _image.Width
            && FindCloser(box.Grow(box.LongSide).Map(scale, 0, 0)) is { } closer)
        {
            return closer with { SecondFigure = selection.SecondFigure };
        }

        using GrayImage strokes = threshold.ToInk(ink.Copy(selection.Chosen, MnistLayout.SoftEdge, box));
        return new DigitCandidate(MnistLayout.Make(strokes), box.Map(scale, _region.Left, _region.Top))
        {
            Edge = threshold.Edge,
            SecondFigure = selection.SecondFigure,
        };
    }

    private DigitCandidate? FindCloser(in Region around)
    {
        Region near = around.Meet(new Region(0, 0, _image.Width, _image.Height));
        using var closer = new DigitSearch(_image, near);
        return closer.Find(0) is { } candidate
            ? candidate with { Box = candidate.Box.Map(1, _region.Left, _region.Top) }
            : null;
    }
}
