using System.Numerics.Tensors;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Models;

/// <summary>
/// Reads all digits of a picture: proposes candidates, and chooses the best reading and the cuts of each figure by the
/// network's evidence.
/// </summary>
/// <remarks>
/// Most figures are clearly one digit each. If a figure is doubtful, the picture is needed again, and all other ways to
/// read it are classified in one more batch.
/// </remarks>
/// <param name="card">Card of the model that computes the evidence.</param>
/// <param name="maxDigits">A picture with more digits is rejected.</param>
public sealed class FigureReader(ModelCard card, int maxDigits)
{
    /// <summary>
    /// Nats below the threshold that still suffice for a digit among others: 1.9 % of the digits on made sheets are
    /// below the threshold, 0.9 % below this.
    /// </summary>
    private const double AmongDigits = 2;

    /// <summary>
    /// Figures of one word are at most this far apart, as a share of their height. If at least two of them, and half of
    /// all, are rejected, the word is text: printed words show a third fewer digits, and made sheets lose none.
    /// </summary>
    private const double MaxLetterGap = 0.4;

    private readonly FigureChoice _choice = new(card);
    private IReadOnlyList<(IReadOnlyList<Figure> Figures, bool HasMargin)> _readings = [];
    private bool[]? _isSettled;
    private bool _hasMargin;
    private bool _isPlain;

    /// <summary>All candidates of the last proposal, to be classified in one batch.</summary>
    public IReadOnlyList<DigitCandidate> Candidates { get; private set; } = [];

    /// <summary>
    /// The digits in reading order: each one's candidate, by its number, its line, and whether it is believed to be a
    /// digit.
    /// </summary>
    public IReadOnlyList<(int Candidate, int Line, bool IsDigit)> Digits { get; private set; } = [];

    /// <summary>Number of digits found; if too many are proposed, there are no candidates.</summary>
    public int Found { get; private set; }

    /// <summary>How many views of the picture had no figures: the next one is that with the digits.</summary>
    public int BlankViews { get; private set; }

    /// <summary>Reads the first of a picture's views that shows ink, on the caller's thread.</summary>
    /// <param name="views">Each in use until the next one.</param>
    /// <param name="batch">Receives the images.</param>
    /// <param name="card">Card of the batch's model.</param>
    /// <returns>The digits in reading order; empty if there is no ink.</returns>
    public static IReadOnlyList<ReadDigit> Read(
        IEnumerable<GrayImage> views, ClassifierBatch batch, ModelCard card) =>
        views.Select(view => Read(view, batch, card)).FirstOrDefault(digits => digits.Count > 0) ?? [];

    /// <summary>Reads one picture on the caller's thread.</summary>
    /// <param name="picture">The picture, in use until this returns.</param>
    /// <param name="batch">Receives the images.</param>
    /// <param name="card">Card of the batch's model.</param>
    /// <returns>The digits in reading order; empty if there is no ink.</returns>
    public static IReadOnlyList<ReadDigit> Read(GrayImage picture, ClassifierBatch batch, ModelCard card)
    {
        var reader = new FigureReader(card, int.MaxValue);
        float[] evidence = [];
        int[] digits = [];
        for (bool isDone = false; !isDone;)
        {
            reader.Propose(picture);
            (evidence, digits) = Classify(reader.Candidates, batch);
            isDone = reader.Choose(evidence);
        }

        return
        [
            .. reader.Digits.Select(digit => new ReadDigit(
                digits[digit.Candidate],
                digit.IsDigit,
                digit.Line,
                reader.Candidates[digit.Candidate].Box)),
        ];
    }

    /// <summary>Proposes the plain reading first, then the other ways to read doubtful figures.</summary>
    /// <param name="picture">The same picture each time, in use until this returns.</param>
    /// <param name="stop">Ends the work; looked at after each reading.</param>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public void Propose(GrayImage picture, CancellationToken stop = default)
    {
        (IReadOnlyList<Figure> Figures, bool HasMargin)[] readings =
            _isSettled is null ? Collect(DigitSegmenter.ProposePlain(picture, maxDigits)) : [];
        _isPlain = readings.Length > 0;
        if (!_isPlain)
        {
            readings = Collect(DigitSegmenter.Propose(picture, _hasMargin, _isSettled ?? [], maxDigits, stop)
                .Select(figures => (figures, _hasMargin)));
        }

        Found = readings.Length == 0 ? 0 : readings.Min(reading => Figure.CountMain(reading.Figures));
        BlankViews += Found == 0 ? 1 : 0;
        _readings = [.. readings.Where(reading => Figure.CountMain(reading.Figures) <= maxDigits)];
        Candidates = [.. _readings.SelectMany(reading => reading.Figures).SelectMany(figure => figure.AllPieces)
            .Select(piece => piece.Candidate)];

        (IReadOnlyList<Figure> Figures, bool HasMargin)[] Collect(
            IEnumerable<(IReadOnlyList<Figure> Figures, bool HasMargin)> proposed) =>
        [
            .. proposed.Where(reading =>
            {
                stop.ThrowIfCancellationRequested();
                return reading.Figures.Count > 0;
            }),
        ];
    }

    /// <summary>Chooses the best of the proposed readings.</summary>
    /// <param name="evidence">Nats of each of the <see cref="Candidates"/>.</param>
    /// <returns>True if there is nothing more to propose.</returns>
    public bool Choose(ReadOnlySpan<float> evidence)
    {
        IReadOnlyList<IReadOnlyList<int>> best = [];
        double most = double.NegativeInfinity;
        int first = 0;
        foreach ((IReadOnlyList<Figure> figures, bool hasMargin) in _readings)
        {
            (IReadOnlyList<IReadOnlyList<int>> digits, double votes) = _choice.Choose(figures, evidence, ref first);
            if (votes > most)
            {
                (best, most, _hasMargin) = (digits, votes, hasMargin);
            }
        }

        _isSettled = new bool[best.Count];
        foreach ((int n, IReadOnlyList<int> digits) in best.Index())
        {
            _isSettled[n] = !IsMain(digits[0])
                || (digits.Count == 1 && _choice.IsOneDigit(Candidates[digits[0]], evidence[digits[0]]));
        }

        Digits = Believe(best, evidence);
        Found = Digits.Count;
        return !_isPlain || _isSettled.All(isSettled => isSettled);
    }

    /// <summary>Judges paler figures apart: around digits, they are often print or dirt.</summary>
    private List<(int Candidate, int Line, bool IsDigit)> Believe(
        IReadOnlyList<IReadOnlyList<int>> figures, ReadOnlySpan<float> evidence)
    {
        int main = 0;
        int believed = 0;
        foreach (int candidate in figures.SelectMany(digits => digits).Where(IsMain))
        {
            main++;
            believed += evidence[candidate] >= card.IsDigitThreshold ? 1 : 0;
        }

        // Among digits, a figure is probably also a digit and needs less evidence.
        bool isAmongDigits = believed > 0 && believed >= main / 2;
        double threshold = card.IsDigitThreshold - (isAmongDigits ? AmongDigits : 0);
        Dictionary<int, bool> isDigit = [];
        Judge(Order(figures.Where(digits => !IsPaler(digits))), evidence, threshold, isDigit);
        Judge(Order(figures.Where(IsPaler)), evidence, threshold, isDigit);
        return
        [
            .. Order(figures.Where(digits => digits.All(isDigit.ContainsKey)))
                .Select(digit => (digit.Candidate, digit.Line, isDigit[digit.Candidate])),
        ];

        bool IsPaler(IReadOnlyList<int> digits) => Candidates[digits[0]].Kind == FigureKind.Paler;
    }

    private List<(int Candidate, int Line)> Order(IEnumerable<IReadOnlyList<int>> figures)
    {
        IReadOnlyList<int>[] all = [.. figures];
        Region[] boxes =
        [
            .. all.Select(figure =>
                figure.Select(digit => Candidates[digit].Box).Aggregate((left, right) => left.Join(right))),
        ];
        return
        [
            .. ReadingOrder.Sort(boxes).SelectMany(next => all[next.Number].Select(digit => (digit, next.Line))),
        ];
    }

    /// <summary>
    /// In a word of letters, a figure is no digit, even if it looks like one. A figure that is not a main one is shown
    /// only in a word of which most figures are accepted.
    /// </summary>
    /// <param name="digits">In reading order.</param>
    /// <param name="evidence">Nats of each candidate.</param>
    /// <param name="threshold">The least nats of a digit.</param>
    /// <param name="isDigit">Receives, for each candidate that is shown, whether it is a digit.</param>
    private void Judge(
        List<(int Candidate, int Line)> digits,
        ReadOnlySpan<float> evidence,
        double threshold,
        Dictionary<int, bool> isDigit)
    {
        double sure = DigitReader.SureEvidence(card);
        HashSet<int> rejected = [];
        int start = 0;
        for (int end = 0; end < digits.Count; start = end)
        {
            do
            {
                int candidate = digits[end].Candidate;
                if (evidence[candidate] < (IsMain(candidate) ? threshold : sure))
                {
                    rejected.Add(candidate);
                }

                end++;
            }
            while (end < digits.Count && IsOneWord(digits[end - 1], digits[end]));

            // Lower letters after a number, such as a unit, are not in one word with it.
            List<int> word = [.. digits[start..end].Select(digit => digit.Candidate)];
            List<int> mainWord = word[Math.Max(word.FindIndex(IsMain), 0)..(word.FindLastIndex(IsMain) + 1)];
            bool isText = IsHalfRejected(mainWord) && mainWord.Count(rejected.Contains) > 1;
            bool isHalf = IsHalfRejected(word);
            foreach (int candidate in word.Where(candidate => IsMain(candidate) || !isHalf))
            {
                isDigit[candidate] = !isText && evidence[candidate] >= threshold;
            }
        }

        bool IsHalfRejected(List<int> word) => 2 * word.Count(rejected.Contains) >= word.Count;
    }

    private bool IsMain(int candidate) => Candidates[candidate].Kind == FigureKind.Main;

    private bool IsOneWord((int Candidate, int Line) left, (int Candidate, int Line) right)
    {
        Region a = Candidates[left.Candidate].Box;
        Region b = Candidates[right.Candidate].Box;
        return left.Line == right.Line && b.Left - a.Right <= MaxLetterGap * Math.Max(a.Height, b.Height);
    }

    private static (float[] Evidence, int[] Digits) Classify(
        IReadOnlyList<DigitCandidate> candidates, ClassifierBatch batch)
    {
        float[] evidence = new float[candidates.Count];
        int[] digits = new int[candidates.Count];
        for (int first = 0; first < candidates.Count; first += batch.Capacity)
        {
            int count = Math.Min(batch.Capacity, candidates.Count - first);
            for (int n = 0; n < count; n++)
            {
                RowSequence.FromPixels(candidates[first + n].Pixels, batch.Rows(n));
            }

            batch.Run(count);
            for (int n = 0; n < count; n++)
            {
                evidence[first + n] = EnergyScore.FromLogits(batch.Logits(n));
                digits[first + n] = TensorPrimitives.IndexOfMax(batch.Probabilities(n));
            }
        }

        return (evidence, digits);
    }
}
