namespace MnistLstm.Shared.Normalization;

/// <summary>Ink that may be one digit, or several that touch.</summary>
/// <param name="Line">Number of its line, from the top.</param>
/// <param name="Pieces">The whole, and every part between two cuts that may be a digit.</param>
/// <param name="Cuts">Places where it can be cut.</param>
public sealed record Figure(int Line, IReadOnlyList<FigurePiece> Pieces, int Cuts);

/// <summary>A part of a figure that may be a digit.</summary>
/// <param name="From">Its start: 0 is the figure's left edge, n its n-th cut.</param>
/// <param name="To">Its end: the number of cuts + 1 is the figure's right edge.</param>
/// <param name="Candidate">The piece as a digit.</param>
public sealed record FigurePiece(int From, int To, DigitCandidate Candidate);
