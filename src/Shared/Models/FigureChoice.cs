using MnistLstm.Shared.Normalization;

namespace MnistLstm.Shared.Models;

/// <summary>Chooses the digits of figures by the network's evidence.</summary>
/// <param name="card">Card of the model that computed the evidence.</param>
internal sealed class FigureChoice(ModelCard card)
{
    /// <summary>Maximum nats that one digit contributes for or against a reading.</summary>
    private const double MaxVote = 5;

    /// <summary>
    /// Evidence beyond this many nats above the threshold does not make a piece better. With 9, printed words show a
    /// fifth more digits; with 11, 84 instead of 86 % of close numbers are read right.
    /// </summary>
    private const double Enough = 10;

    /// <summary>A doubtful figure that is wider than this share of its height may be two digits.</summary>
    private const double MinPairWidth = 0.7;

    /// <summary>Whether a figure is certain enough not to be cut.</summary>
    public bool IsOneDigit(DigitCandidate whole, float evidence) =>
        whole.PassedThrough
        || DigitReader.IsSure(card, evidence)
        || (evidence >= card.IsDigitThreshold && whole.Box.Width < MinPairWidth * whole.Box.Height);

    /// <summary>Reads each figure in its best way: cut into pieces, or as the figures inside it.</summary>
    /// <param name="figures">One reading.</param>
    /// <param name="evidence">Nats of all pieces of all readings, in their order.</param>
    /// <param name="first">The first of this reading's pieces; moves behind its last one.</param>
    /// <returns>
    /// For each figure that was read, the numbers of its digits' pieces; and the sum of the votes. Only main figures
    /// have votes.
    /// </returns>
    public (IReadOnlyList<IReadOnlyList<int>> Digits, double Votes) Choose(
        IReadOnlyList<Figure> figures, ReadOnlySpan<float> evidence, ref int first)
    {
        List<IReadOnlyList<int>> digits = [];
        double votes = 0;
        foreach (Figure figure in figures)
        {
            int[] path = ChoosePath(figure, evidence.Slice(first, figure.Pieces.Count));
            double most = 0;
            for (int n = 0; n < path.Length; n++)
            {
                most += figure.IsMain
                    ? Math.Clamp(evidence[first + path[n]] - card.IsDigitThreshold, -MaxVote, MaxVote)
                    : 0;
                path[n] += first;
            }

            IReadOnlyList<IReadOnlyList<int>> best = [path];
            first += figure.Pieces.Count;
            foreach (IReadOnlyList<Figure> inside in figure.Inside)
            {
                (IReadOnlyList<IReadOnlyList<int>> others, double votesForOthers) =
                    Choose(inside, evidence, ref first);
                if (votesForOthers > most)
                {
                    (best, most) = (others, votesForOthers);
                }
            }

            digits.AddRange(best);
            votes += most;
        }

        return (digits, votes);
    }

    /// <summary>
    /// The whole figure if it is certain; otherwise the pieces from the left to the right edge with the smallest total
    /// lack of evidence.
    /// </summary>
    private int[] ChoosePath(Figure figure, ReadOnlySpan<float> evidence)
    {
        int end = figure.Cuts + 1;
        double[] least = [0, .. Enumerable.Repeat(double.PositiveInfinity, end)];
        int[] last = new int[end + 1];
        for (int to = 1; to <= end; to++)
        {
            for (int n = 0; n < figure.Pieces.Count; n++)
            {
                FigurePiece piece = figure.Pieces[n];
                if (piece.From == 0 && piece.To == end && IsOneDigit(piece.Candidate, evidence[n]))
                {
                    return [n];
                }

                Region box = piece.Candidate.Box;
                double digitsWide = Math.Max(1, box.Width / (Figure.WidestDigit * box.Height));
                double lack = least[piece.From]
                    + (digitsWide * Math.Clamp(card.IsDigitThreshold + Enough - evidence[n], 0, Enough + MaxVote));
                if (piece.To == to && lack < least[to])
                {
                    (least[to], last[to]) = (lack, n);
                }
            }
        }

        List<int> path = [];
        for (int to = end; to > 0; to = figure.Pieces[last[to]].From)
        {
            path.Insert(0, last[to]);
        }

        return [.. path];
    }
}
