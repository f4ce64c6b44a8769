using System.Numerics.Tensors;
using MnistLstm.Shared.Filters;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>The ways to tell ink from paper in a picture or in a part of one, the likeliest first.</summary>
internal sealed class DigitSearch : IDisposable
{
    /// <summary>How many there are: either background, for ink of the likelier polarity, then of the other.</summary>
    public const int Ways = 4;

    // Longest side of the picture to work on, in pixels: lines on flat paper may be thin, photos have grain.
    private const int DrawnSide = 512;
    private const int PhotoSide = DrawnSide / 2;

    private readonly GrayImage _picture;
    private readonly Region _region;
    private readonly GrayImage _drawn;
    private readonly PaperTone _paper;
    private readonly bool _isInkLight;
    private readonly int _photoSide;
    private GrayImage? _photo;

    /// <param name="picture">The whole picture, in use while digits are searched.</param>
    /// <param name="region">The part of it to search.</param>
    /// <param name="times">Factor for the size to work on: more for several digits.</param>
    public DigitSearch(GrayImage picture, in Region region, int times = 1)
    {
        _photoSide = times * PhotoSide;
        (_picture, _region) = (picture, region);
        using GrayImage? part = region == Region.Of(picture)
            ? null
            : picture.Part(region.Left, region.Top, region.Right, region.Bottom);
        _drawn = Downscale.ToSide(part ?? picture, times * DrawnSide);
        _paper = PaperTone.Measure(_drawn);
        _isInkLight = _paper.IsInkLight ?? Polarity.IsInkLight(_drawn);
    }

    /// <summary>Whether the first way is the only one: flat paper up to all edges, and all ink on one side.</summary>
    public bool IsClear => _paper is { IsInkLight: not null, IsEdgeFlat: true };

    private GrayImage Photo => _photo ??= Downscale.ToSide(_drawn, _photoSide);

    /// <summary>Tries the likeliest way, first with paler ink where that adds any: strokes may be paler.</summary>
    /// <returns>Nothing where there is no ink.</returns>
    public IEnumerable<DigitCandidate> FindLikeliest()
    {
        using GrayImage contrast = Measure(way: 0);
        if (InkThreshold.Find(contrast) is not { } threshold
            || Find(contrast, threshold, Printed.Nothing) is not { } likeliest)
        {
            yield break;
        }

        if (threshold.Lower(contrast) is { } lower)
        {
            // All ink is to count alike.
            TensorPrimitives.Min(contrast.Pixels, (byte)(2 * lower.Edge), contrast.Pixels);
            if (Find(contrast, lower, Printed.Nothing) is { } paler && paler.HasInkBeside(likeliest))
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
            ? Find(contrast, threshold, without)
            : null;
    }

    /// <returns>Null where there is no ink, or there are no lines to leave out.</returns>
    public static InkThreshold? FindThreshold(GrayImage contrast, bool withoutLines) =>
        InkThreshold.Find(contrast) is not { } threshold ? null
        : !withoutLines ? threshold
        : LongLines.Remove(contrast, threshold.Low) ? InkThreshold.Find(contrast)
        : null;

    public void Dispose()
    {
        _drawn.Dispose();
        _photo?.Dispose();
    }

    /// <summary>The contrast with the paper: 0 = paper.</summary>
    /// <param name="way">0 to <see cref="Ways"/> − 1.</param>
    public GrayImage Measure(int way)
    {
        bool isFlat = way % 2 == 0 == _paper.Level.HasValue;
        bool isInkLight = way < 2 == _isInkLight;
        GrayImage contrast = (isFlat && _paper.Level.HasValue ? _drawn : Photo).Copy();
        if (isInkLight)
        {
            PixelStatistics.Invert(contrast.Pixels);
        }

        if (isFlat)
        {
            ReadOnlySpan<byte> levels = _drawn.Pixels;
            int paper = _paper.Level ?? (isInkLight ? TensorPrimitives.Min(levels) : TensorPrimitives.Max(levels));
            BackgroundSubtraction.FromLevel(contrast, (byte)(isInkLight ? byte.MaxValue - paper : paper));
        }
        else
        {
            BackgroundSubtraction.FromBackground(contrast);
        }

        return contrast;
    }

    private DigitCandidate? Find(GrayImage contrast, InkThreshold threshold, Printed without)
    {
        using ConnectedComponents ink = ConnectedComponents.Find(contrast, threshold.Low);
        if (ComponentSelection.Choose(ink.All, threshold.Peak, contrast.Width, contrast.Height,
            without == Printed.Boxes) is not { } selection)
        {
            return null;
        }

        double scale = (double)_region.Width / contrast.Width;
        Region box = selection.Digit.Box;
        if (box.LongSide < InkThreshold.SmallSide && scale > 1)
        {
            // It has more pixels in the unreduced picture.
            Region around = box.Grow(box.LongSide).Map(scale, _region.Left, _region.Top).Meet(_region);
            using var closer = new DigitSearch(_picture, around);
            if ((closer.Find(way: 0, without) ?? closer.Find(way: 0)) is { } candidate)
            {
                return candidate with { IsAlone = selection.IsAlone };
            }
        }

        using GrayImage strokes = threshold.ToInk(ink.Copy(selection.Chosen, MnistLayout.SoftEdge, box));
        return new DigitCandidate(MnistLayout.Make(strokes), box.Map(scale, _region.Left, _region.Top))
        {
            Edge = threshold.Edge,
            IsAlone = selection.IsAlone,
        };
    }
}
