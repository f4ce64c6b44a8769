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

    // In nats of evidence. Of MNIST's held-out digits, 0.4 % have less than the threshold of digits.onnx.
    private const float SureMargin = 2;

    // A candidate is doubtful if it is not a likely one, or if the picture's edge cuts it off. A strip of anything
    // looks like a 1: the gap between two lines, a sleeve, the hole of an 8.
    private const float Doubt = 2.5f;
    private const float DoubtfulOne = 4.5f;

    /// <summary>Whether the first candidate is certain enough to skip the others.</summary>
    /// <param name="card">Card of the model that computed the logits.</param>
    /// <param name="candidate">The first candidate.</param>
    /// <param name="logits">[C = 10] of this candidate, before temperature.</param>
    public static bool IsSure(ModelCard card, DigitCandidate candidate, ReadOnlySpan<float> logits) =>
        IsSure(card, Belief(candidate, logits));

    /// <summary>The same for known evidence.</summary>
    public static bool IsSure(ModelCard card, float evidence) => evidence >= SureEvidence(card);

    /// <summary>The least evidence, in nats, that leaves no doubt.</summary>
    public static double SureEvidence(ModelCard card) => card.IsDigitThreshold + SureMargin;

    /// <summary>The evidence for comparing the candidates of one picture.</summary>
    /// <param name="candidate">The candidate that was classified.</param>
    /// <param name="logits">[C = 10] of this candidate, before temperature.</param>
    /// <returns>Nats of evidence.</returns>
    public static float Score(DigitCandidate candidate, ReadOnlySpan<float> logits) =>
        EnergyScore.FromLogits(logits)
        - (candidate.IsLikely ? 0 : Doubt)
        - (candidate is { IsLikely: false } or { IsCutOff: true } && TensorPrimitives.IndexOfMax(logits) == 1
            ? DoubtfulOne
            : 0);

    /// <summary>The evidence for judging whether the best candidate is a digit.</summary>
    /// <param name="candidate">The candidate with the best score.</param>
    /// <param name="logits">[C = 10] of this candidate, before temperature.</param>
    /// <returns>Nats of evidence, to compare with the model's threshold.</returns>
    public static float Belief(DigitCandidate candidate, ReadOnlySpan<float> logits) =>
        Score(candidate, logits) - (candidate.IsCutOff ? Doubt : 0);

    /// <summary>Whether a picture probably shows exactly one digit, by its best candidate.</summary>
    /// <param name="card">Card of the model that computed the logits.</param>
    /// <param name="candidate">The candidate with the best score.</param>
    /// <param name="logits">[C = 10] of this candidate, before temperature.</param>
    public static bool IsDigit(ModelCard card, DigitCandidate candidate, ReadOnlySpan<float> logits) =>
        candidate.IsAlone && Belief(candidate, logits) >= card.IsDigitThreshold;

    /// <summary>Reads one picture on the caller's thread.</summary>
    /// <param name="candidates">Candidates, the likeliest first.</param>
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
        if (IsSure(card, first.Candidate, first.Logits))
        {
            return first;
        }

        List<DigitCandidate> others = [];
        while (others.Count < MaxCandidates - 1 && next.MoveNext())
        {
            others.Add(next.Current);
        }

        return others.Count > 0 && Classify(others, batch, card) is var other && Score(other) > Score(first)
            ? other
            : first;

        static float Score(DigitReading reading) => DigitReader.Score(reading.Candidate, reading.Logits);
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

        return new DigitReading(
            candidates[best],
            batch.Probabilities(best).ToArray(),
            batch.Logits(best).ToArray(),
            IsDigit(card, candidates[best], batch.Logits(best)));
    }
}
