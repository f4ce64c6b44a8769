using System.Numerics.Tensors;
using MnistLstm.Shared.Normalization;

namespace MnistLstm.Shared.Models;

/// <summary>
/// Reads the digit of a picture: the normalizer proposes candidates, and the network's evidence decides.
/// </summary>
/// <remarks>
/// The first candidate is classified alone. Only if its evidence leaves doubt are the others classified, in one batch.
/// <c>docs/pipeline.md</c> has the effect.
/// </remarks>
public static class DigitReader
{
    /// <summary>Maximum number of candidates of one picture.</summary>
    public const int MaxCandidates = 6;

    // In nats of evidence. Of MNIST's held-out digits, 1 % have less than the threshold of digits.onnx, and 2 % less
    // than is sure.
    // Candidates that are not plain need the handicap: a hole of an 8 or the gap between two lines often looks like a
    // 1.
    private const float SureMargin = 2;
    private const float Handicap = 3;

    // A strip of anything looks like a 1: without this, 1,250 of 5,000 pictures of clothes were called digits, 1,068 of
    // them a 1.
    private const float HandicapOfOne = 5;

    /// <summary>Whether the first candidate is certain enough to skip the others.</summary>
    /// <param name="card">Card of the model that computed the logits.</param>
    /// <param name="logits">[C = 10], before temperature.</param>
    public static bool IsSure(ModelCard card, ReadOnlySpan<float> logits) =>
        IsSure(card, EnergyScore.FromLogits(logits));

    /// <summary>The same for known evidence.</summary>
    public static bool IsSure(ModelCard card, float evidence) => evidence >= card.IsDigitThreshold + SureMargin;

    /// <summary>
    /// The evidence for comparing the candidates of one picture, and for judging whether the best one is a digit.
    /// </summary>
    /// <param name="candidate">The candidate that was classified.</param>
    /// <param name="logits">[C = 10] of this candidate, before temperature.</param>
    /// <returns>Nats.</returns>
    public static float Score(DigitCandidate candidate, ReadOnlySpan<float> logits) =>
        EnergyScore.FromLogits(logits)
        - (candidate.IsPlain ? 0 : Handicap)
        - (!candidate.IsFirst && TensorPrimitives.IndexOfMax(logits) == 1 ? HandicapOfOne : 0);

    /// <summary>Whether a picture probably shows exactly one digit, by its best candidate.</summary>
    /// <param name="card">Card of the model that computed the logits.</param>
    /// <param name="candidate">The candidate with the best score.</param>
    /// <param name="logits">[C = 10] of this candidate, before temperature.</param>
    public static bool IsDigit(ModelCard card, DigitCandidate candidate, ReadOnlySpan<float> logits) =>
        candidate.IsAlone && Score(candidate, logits) >= card.IsDigitThreshold;

    /// <summary>Reads one picture on the caller's thread.</summary>
    /// <param name="candidates">Candidates, the plainest first.</param>
    /// <param name="batch">Receives the images; at least <see cref="MaxCandidates"/>.</param>
    /// <param name="card">Card of the batch's model.</param>
    /// <returns>Null if there is no candidate.</returns>
    public static DigitReading? Read(IEnumerable<DigitCandidate> candidates, ClassifierBatch batch, ModelCard card)
    {
        using IEnumerator<DigitCandidate> next = candidates.GetEnumerator();
        if (!next.MoveNext())
        {
            return null;
        }

        DigitReading first = Classify([next.Current], batch, card);
        if (IsSure(card, first.Logits))
        {
            return first;
        }

        List<DigitCandidate> others = [];
        while (others.Count < MaxCandidates - 1 && next.MoveNext())
        {
            others.Add(next.Current);
        }

        return others.Count > 0 && Classify(others, batch, card) is var best && best.Score > first.Score ? best : first;
    }

    private static DigitReading Classify(List<DigitCandidate> candidates, ClassifierBatch batch, ModelCard card)
    {
        for (int n = 0; n < candidates.Count; n++)
        {
            RowSequence.FromPixels(candidates[n].Pixels, batch.Rows(n));
        }

        batch.Run(candidates.Count);
        int best = 0;
        for (int n = 1; n < candidates.Count; n++)
        {
            best = Score(candidates[n], batch.Logits(n)) > Score(candidates[best], batch.Logits(best)) ? n : best;
        }

        float score = Score(candidates[best], batch.Logits(best));
        return new DigitReading(
            candidates[best],
            batch.Probabilities(best).ToArray(),
            batch.Logits(best).ToArray(),
            score,
            IsDigit(card, candidates[best], batch.Logits(best)));
    }
}
