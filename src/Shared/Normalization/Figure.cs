namespace MnistLstm.Shared.Normalization;

/// <summary>Ink that may be one digit, or several that touch.</summary>
/// <param name="Box">Its place in the picture.</param>
/// <param name="Pieces">The whole, and every part between two cuts that may be a digit.</param>
/// <param name="Cuts">Places where it can be cut.</param>
public sealed record Figure(Region Box, IReadOnlyList<FigurePiece> Pieces, int Cuts)
{
    /// <summary>
    /// What is wider than this many times its height is probably several digits. If it is weighed as one, 18 instead of
    /// 51 % of the digits are found where five touch; with 1.3, 69 %, but printed words show a seventh more digits.
    /// </summary>
    public const double WidestDigit = 1.7;

    /// <summary>Whether it is probably several digits.</summary>
    public bool IsWide => Box.Width >= WidestDigit * Box.Height;

    /// <summary>Whether it is as high and as dark as most.</summary>
    public bool IsMain => Pieces is [] or [{ Candidate.Kind: FigureKind.Main }, ..];

    /// <summary>How many figures are main ones.</summary>
    public static int CountMain(IEnumerable<Figure> figures) => figures.Count(figure => figure.IsMain);

    /// <summary>Whether it is surely one digit, so that it was not cut.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Whether ink fills most of its box, as a panel with light digits on it.</summary>
    public bool IsFilled { get; init; }

    /// <summary>Other ways to read what is in its box, each as figures of its own.</summary>
    public IReadOnlyList<IReadOnlyList<Figure>> Inside { get; init; } = [];

    /// <summary>Its own pieces, then those inside.</summary>
    public IEnumerable<FigurePiece> AllPieces =>
        Pieces.Concat(Inside.SelectMany(figures => figures).SelectMany(figure => figure.AllPieces));
}

/// <summary>A part of a figure that may be a digit.</summary>
/// <param name="From">Its start: 0 is the figure's left edge, n its n-th cut.</param>
/// <param name="To">Its end: the number of cuts + 1 is the figure's right edge.</param>
/// <param name="Candidate">The piece as a digit.</param>
public sealed record FigurePiece(int From, int To, DigitCandidate Candidate);
