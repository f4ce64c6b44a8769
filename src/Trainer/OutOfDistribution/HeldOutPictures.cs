using System.Text.Json;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// The pictures on which energy scores are measured: held-out digits and drawn non-digits, the same for every
/// model.
/// Every second digit chooses the threshold, and the others tell what is refused at it.
/// </summary>
public static class HeldOutPictures
{
    private const int Seed = 0;
    private const int LettersMeasured = 1_000;
    private const int OthersMeasured = 200; // of each other kind

    /// <summary>One picture-like view of each digit.</summary>
    public static DigitSet Views(DigitSet digits)
    {
        var augmentation = new Augmentation();
        var pixels = new byte[digits.Pixels.Length];
        for (int n = 0; n < digits.Count; n++)
        {
            augmentation.MakeView(
                digits.Image(n),
                pixels.AsSpan(n * RowSequence.Length, RowSequence.Length),
                pictureShare: 1,
                new CounterRandom(Seed, RandomPurpose.HeldOutViews, index: n));
        }

        return new DigitSet(pixels, digits.Labels);
    }

    /// <summary>Chooses the threshold of isDigit.</summary>
    /// <param name="logitsOf">Computes the model's logits [N, C], before temperature.</param>
    /// <param name="heldOut">Digits that were not trained on.</param>
    /// <returns>In nats, see <see cref="EnergyScore"/>.</returns>
    public static double ChooseThreshold(Func<DigitSet, float[]> logitsOf, DigitSet heldOut)
    {
        DigitSet digits = heldOut.Half(0);
        return IsDigitThreshold.Choose(logitsOf(digits), logitsOf(Views(digits)));
    }

    /// <summary>Measures what is refused.</summary>
    /// <param name="logitsOf">Computes the model's logits [N, C], before temperature.</param>
    /// <param name="heldOut">The same digits; pictures of several digits are made of the second half too.</param>
    /// <param name="threshold">In nats, see <see cref="EnergyScore"/>.</param>
    /// <param name="unseenShare">If it is not 0, the letters are those that training left out.</param>
    public static RejectionRates Measure(
        Func<DigitSet, float[]> logitsOf, DigitSet heldOut, double threshold, double unseenShare)
    {
        DigitSet digits = heldOut.Half(1);
        IReadOnlyList<Glyph> glyphs = unseenShare > 0 ? UnseenNonDigits.UnseenGlyphs(unseenShare) : LetterStrokes.All;
        NonDigitKind[] kinds = Enum.GetValues<NonDigitKind>();
        var drawn = new DigitSet[kinds.Length];
        Parallel.For(0, kinds.Length, () => new NonDigits(digits, glyphs), (k, _, nonDigits) =>
        {
            drawn[k] = Draw(nonDigits, kinds[k]);
            return nonDigits;
        }, _ => { });
        return new RejectionRates(
            Digits: Refused(logitsOf, digits, threshold),
            Pictures: Refused(logitsOf, Views(digits), threshold),
            NonDigits: kinds.Zip(drawn).ToDictionary(
                kind => JsonNamingPolicy.CamelCase.ConvertName($"{kind.First}"),
                kind => Refused(logitsOf, kind.Second, threshold)));
    }

    private static DigitSet Draw(NonDigits nonDigits, NonDigitKind kind)
    {
        int count = kind is NonDigitKind.Letter or NonDigitKind.ScriptLetter ? LettersMeasured : OthersMeasured;
        var pixels = new byte[count * RowSequence.Length];
        for (int n = 0; n < count; n++)
        {
            nonDigits.Make(
                kind,
                pixels.AsSpan(n * RowSequence.Length, RowSequence.Length),
                new CounterRandom(Seed, RandomPurpose.HeldOutNonDigits, (int)kind, n));
        }

        return new DigitSet(pixels, new byte[count]);
    }

    private static double Refused(Func<DigitSet, float[]> logitsOf, DigitSet pictures, double threshold) =>
        (double)IsDigitThreshold.Evidence(logitsOf(pictures)).Count(evidence => evidence < threshold) / pictures.Count;
}
