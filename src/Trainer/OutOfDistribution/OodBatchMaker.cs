using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Makes the images of a step, the same ones on whatever thread. For one thread.</summary>
public sealed class OodBatchMaker(
    TrainingOptions options, DigitSet train, DigitSet otherDigits, NonDigitPool nonDigits, DigitSet? own)
{
    /// <summary>Share of the digits in whose place one of someone's own pictures is shown, if there are any.</summary>
    private const float OwnShare = 0.3f;

    /// <summary>
    /// Share of picture-like views among the views of own pictures, most of which are pictures already.
    /// </summary>
    private const float OwnPictureShare = 0.2f;

    /// <summary>Share of the digits that are shown as written; the others are views.</summary>
    private const float WrittenShare = 0.3f;

    /// <summary>
    /// Share of picture-like views among the views of digits. The threshold depends on such views, so that they come
    /// more often than in distillation.
    /// </summary>
    private const float DigitPictureShare = 0.35f;

    /// <summary>
    /// Share of the digits in whose place one of <see cref="DrawnDigits"/> or of <see cref="PhotographedDigits"/> is
    /// shown.
    /// </summary>
    private const float OtherDigitShare = 0.22f;

    /// <summary>Share of picture-like views among the pictures of no digit.</summary>
    private const float NonDigitPictureShare = 0.5f;

    /// <summary>
    /// Share of the non-digits that are chosen from the hard ones, those above their margin. For the others the hinge
    /// is 0.
    /// </summary>
    private const float HardShare = 0.3f;

    private readonly Augmentation _augmentation = new();
    private readonly byte[] _view = new byte[RowSequence.Length];

    /// <param name="digits">Indices of the step's digits; its other images are none.</param>
    /// <param name="step">Counted from 0.</param>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="first">Place in the batch.</param>
    public OodBatch Make(ReadOnlySpan<int> digits, int step, int epoch, int first, int count)
    {
        // The places of digits and of others alternate, so that each thread has its share of both.
        int firstDigit = DigitsBefore(first, digits.Length);
        int digitCount = DigitsBefore(first + count, digits.Length) - firstDigit;
        var rows = new float[count * RowSequence.Length];
        var labels = new long[digitCount];
        var labelWeights = new float[digitCount];
        for (int b = 0; b < count; b++)
        {
            if (b < digitCount)
            {
                (labels[b], labelWeights[b]) = MakeDigit(digits[firstDigit + b], epoch);
            }
            else
            {
                int place = first - firstDigit + b - digitCount;
                MakeNonDigit(new CounterRandom(options.RandomSeed, RandomPurpose.NonDigitViews, step, place));
            }

            RowSequence.FromPixels(_view, rows.AsSpan(b * RowSequence.Length, RowSequence.Length));
        }

        return new OodBatch(rows, labels, labelWeights);
    }

    private int DigitsBefore(int place, int digits) => (int)((long)place * digits / options.BatchSize);

    /// <returns>The label of what was made, and how much it counts: the network's copy knows little of other
    /// digits.</returns>
    private (byte Label, float Weight) MakeDigit(int index, int epoch)
    {
        var chosen = new CounterRandom(options.RandomSeed, RandomPurpose.OwnViews, epoch, index);
        if (own is not null && chosen.NextSingle() < OwnShare)
        {
            int n = chosen.NextInt(own.Count);
            _augmentation.MakeView(own.Image(n), _view, OwnPictureShare, chosen);
            return (own.Labels[n], 1);
        }

        var other = new CounterRandom(options.RandomSeed, RandomPurpose.DrawnDigitViews, epoch, index);
        if (other.NextSingle() < OtherDigitShare)
        {
            int n = other.NextInt(otherDigits.Count);
            _augmentation.MakeView(otherDigits.Image(n), _view, DigitPictureShare, other);
            return (otherDigits.Labels[n], 1);
        }

        var random = new CounterRandom(options.RandomSeed, RandomPurpose.EvidenceViews, epoch, index);
        ReadOnlySpan<byte> digit = train.Image(index);
        if (random.NextSingle() < WrittenShare)
        {
            digit.CopyTo(_view);
        }
        else
        {
            _augmentation.MakeView(digit, _view, DigitPictureShare, random);
        }

        return (train.Labels[index], (float)(1 - options.SoftShare));
    }

    private void MakeNonDigit(CounterRandom random)
    {
        ReadOnlySpan<byte> picture = nonDigits.Choose(HardShare, ref random);
        _augmentation.MakeView(picture, _view, NonDigitPictureShare, random);
    }
}
