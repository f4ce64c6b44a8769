using MnistLstm.Shared.Normalization;

namespace MnistLstm.Shared.Models;

/// <summary>Chooses the digits of a picture by the network's evidence: of several readings one, and of each figure the cuts.</summary>
public static class FigureReader
{
    /// <summary>Nats by which one digit can speak for or against a reading.</summary>
    private const double MaxVote = 5;

    /// <summary>Nats that speak against cutting what seems to be one digit: a part of it may look like a 1.</summary>
    private const float WholeMargin = 3;

    /// <summary>Width of a figure, as a share of its height, from which on it may be two digits where the network is not sure.</summary>
    private const double MinPairWidth = 0.7;

    /// <summary>All candidates, to be classified in one batch.</summary>
    public static IReadOnlyList<DigitCandidate> Candidates(IReadOnlyList<IReadOnlyList<Figure>> readings) =>
        [.. readings.SelectMany(figures => figures).SelectMany(figure => figure.Pieces).Select(piece => piece.Candidate)];

    /// <summary>Whether a whole figure need not be cut.</summary>
    /// <param name="whole">The figure as one digit.</param>
    /// <param name="evidence">Its evidence in nats.</param>
    /// <param name="card">Card of the model that gave the evidence.</param>
    public static bool IsOneDigit(DigitCandidate whole, float evidence, ModelCard card) =>
        whole.PassedThrough
        || DigitReader.IsSure(card, evidence)
        || (evidence >= card.IsDigitThreshold && whole.Box.Width < MinPairWidth * whole.Box.Height);

    /// <summary>Chooses the best reading.</summary>
    /// <param name="readings">What was proposed.</param>
    /// <param name="evidence">Nats of each of the <see cref="Candidates"/>.</param>
    /// <param name="card">Card of the model that gave the evidence.</param>
    /// <returns>The digits in reading order: each one's candidate, by its number, and line.</returns>
    public static IReadOnlyList<(int Candidate, int Line)> Choose(
        IReadOnlyList<IReadOnlyList<Figure>> readings, ReadOnlySpan<float> evidence, ModelCard card)
    {
        List<(int Candidate, int Line)> best = [];
        double most = double.NegativeInfinity;
        int first = 0;
        foreach (IReadOnlyList<Figure> figures in readings)
        {
            List<(int Candidate, int Line)> digits = [];
            double sum = 0;
            foreach (Figure figure in figures)
            {
                foreach (int piece in Choose(figure, evidence.Slice(first, figure.Pieces.Count), card))
                {
                    digits.Add((first + piece, figure.Line));
                    sum += Math.Clamp(evidence[first + piece] - card.IsDigitThreshold, -MaxVote, MaxVote);
                }

                first += figure.Pieces.Count;
            }

            if (sum > most)
            {
                (best, most) = (digits, sum);
            }
        }

        return best;
    }

    /// <summary>
    /// The whole where it surely is a digit; else the path of pieces from the left edge to the right one with the most evidence
    /// per width.
    /// </summary>
    private static List<int> Choose(Figure figure, ReadOnlySpan<float> evidence, ModelCard card)
    {
        int end = figure.Cuts + 1;
        double[] most = [0, .. Enumerable.Repeat(double.NegativeInfinity, end)];
        int[] last = new int[end + 1];
        for (int to = 1; to <= end; to++)
        {
            for (int n = 0; n < figure.Pieces.Count; n++)
            {
                FigurePiece piece = figure.Pieces[n];
                bool isWhole = piece.From == 0 && piece.To == end;
                if (isWhole && IsOneDigit(piece.Candidate, evidence[n], card))
                {
                    return [n];
                }

                float margin = isWhole && evidence[n] >= card.IsDigitThreshold ? WholeMargin : 0;
                double sum = most[piece.From] + (piece.Width * (DigitReader.Score(piece.Candidate, evidence[n]) + margin));
                if (piece.To == to && sum > most[to])
                {
                    (most[to], last[to]) = (sum, n);
                }
            }
        }

        List<int> path = [];
        for (int to = end; to > 0; to = figure.Pieces[last[to]].From)
        {
            path.Insert(0, last[to]);
        }

        return path;
    }
}
