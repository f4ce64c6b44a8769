using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>
/// Cuts figures where digits may touch: more often than is right, for the network to judge the pieces
/// (over-segmentation, Casey and Lecolinet, "A survey of methods and strategies in character segmentation", 1996).
/// </summary>
/// <param name="ink">All components.</param>
/// <param name="threshold">Lowest contrast of ink.</param>
/// <param name="scale">Pixels of the picture for one of the ink's.</param>
/// <param name="region">The part of the picture with the ink.</param>
/// <param name="kind">How the figures compare with others.</param>
internal sealed class FigureCutter(
    ConnectedComponents ink, InkThreshold threshold, double scale, Region region, FigureKind kind)
{
    // As shares of the figure's height: a narrower figure is one digit, and a piece is at most this wide.
    private const double MinCutWidth = 0.4;
    private const double MaxPieceWidth = 1.3;

    /// <summary>A lower piece, as a share of the figure's height, is a part of a digit.</summary>
    private const double MinPieceHeight = 0.5;

    /// <summary>A piece's fragments with less area, as a share of the largest, belong to its neighbor.</summary>
    private const double SmallestFragment = 0.12;

    /// <summary>A figure whose ink fills this share of its box may be a panel with light digits on it.</summary>
    private const double MinPanelFill = 0.5;

    /// <summary>
    /// Maximum for all figures of a kind in a search; further figures stay whole. A touching pair has 210 on average.
    /// </summary>
    public const int MaxPieces = 2000;

    private readonly bool[] _chosen = new bool[ink.All.Count];
    private int _pieces;

    /// <param name="figure">Its components are cut out.</param>
    public Figure Cut(FigureInk figure)
    {
        foreach (int member in figure.Members)
        {
            _chosen[member] = true;
        }

        Region box = figure.Whole.Box;
        using GrayImage strokes = threshold.ToInk(ink.Copy(_chosen, MnistLayout.SoftEdge, box));
        foreach (int member in figure.Members)
        {
            _chosen[member] = false;
        }

        (int width, int height) = (strokes.Width, strokes.Height);
        IReadOnlyList<InkCut> cuts =
            figure.IsWhole || _pieces >= MaxPieces || width < MinCutWidth * height ? [] : InkCut.Find(strokes);
        InkCut[] edges = [new InkCut(0, 0, width, height), .. cuts, new InkCut(width, 0, width, height)];
        List<FigurePiece> pieces = [];
        for (int from = 0; from < edges.Length - 1; from++)
        {
            for (int to = from + 1; to < edges.Length; to++)
            {
                // All digits of a figure have one slant.
                bool isAll = from == 0 && to == edges.Length - 1;
                bool isOuter = from == 0 || to == edges.Length - 1;
                bool isNarrow = edges[to].Middle - edges[from].Middle <= MaxPieceWidth * height;
                if (isAll || (isNarrow && (isOuter || edges[from].IsParallel(edges[to]))))
                {
                    DigitCandidate? piece = Make(strokes, edges[from], edges[to], box, isAll);
                    if (piece is not null)
                    {
                        pieces.Add(new FigurePiece(from, to, piece));
                    }
                }
            }
        }

        _pieces += pieces.Count;
        return new Figure(Place(box), pieces, cuts.Count)
        {
            IsWhole = figure.IsWhole,
            IsFilled = figure.Whole.Area >= MinPanelFill * width * height,
        };
    }

    /// <returns>Null where the ink is too low for a digit.</returns>
    private DigitCandidate? Make(GrayImage strokes, InkCut left, InkCut right, in Region box, bool isWhole)
    {
        Region place;
        GrayImage piece;
        if (isWhole)
        {
            (place, piece) = (Region.Of(strokes), strokes.Copy());
        }
        else
        {
            using GrayImage part = InkCut.Between(strokes, left, right);
            using ConnectedComponents fragments = ConnectedComponents.Find(part, byte.MaxValue / 2);
            if (fragments.All.Count == 0)
            {
                return null;
            }

            int largest = fragments.All.Max(fragment => fragment.Area);
            bool[] chosen = new bool[fragments.All.Count];
            Region? inked = null;
            for (int i = 0; i < chosen.Length; i++)
            {
                chosen[i] = fragments.All[i].Area >= SmallestFragment * largest;
                inked = chosen[i] ? inked?.Join(fragments.All[i].Box) ?? fragments.All[i].Box : inked;
            }

            if (inked!.Value.Height < MinPieceHeight * strokes.Height)
            {
                return null;
            }

            piece = fragments.Copy(chosen, MnistLayout.SoftEdge, inked.Value);
            place = inked.Value.Map(1, left.Left, 0);
        }

        using (piece)
        {
            return new DigitCandidate(
                MnistLayout.Make(piece), Place(place.Map(1, box.Left, box.Top)))
            {
                Edge = threshold.Edge,
                Kind = kind,
            };
        }
    }

    private Region Place(in Region box) => box.Map(scale, region.Left, region.Top);
}
