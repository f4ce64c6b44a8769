using System.Numerics;
using MnistLstm.Shared;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Pictures of no digit that are made of digits.</summary>
internal sealed class DigitCollages(DigitSet digits)
{
    private const float Fine = Handwriting.Fine;

    /// <summary>Draws of a digit with a label asked for; in MNIST each label has a tenth of the images.</summary>
    private const int MostDraws = 10_000;

    /// <summary>Digits so near each other that the normalizer keeps them together, or two that overlap.</summary>
    public void WriteRow(InkCanvas canvas, ref CounterRandom random)
    {
        const float center = InkCanvas.Side / 2f;
        if (random.NextSingle() < 0.15f)
        {
            int below = DigitOtherThan([1], ref random);
            int above = DigitOtherThan([1, digits.Labels[below]], ref random);
            canvas.Draw(digits.Image(below), new Vector2(center), Fine);
            canvas.Draw(digits.Image(above),
                new Vector2(center + random.NextSymmetric(12), center + random.NextSymmetric(8)), Fine);
            return;
        }

        int count = random.NextSingle() < 0.75f ? 2 : 3;
        var chosen = new int[count];
        var left = new float[count];
        float width = 0;
        for (int d = 0; d < count; d++)
        {
            chosen[d] = random.NextInt(digits.Count);
            bool isNarrow = digits.Labels[chosen[d]] == 1 || (d > 0 && digits.Labels[chosen[d - 1]] == 1);
            float gap = isNarrow ? 0.5f + random.NextSymmetric(1.5f) : -1 + random.NextSymmetric(3);
            left[d] = d == 0 ? 0 : width + gap;
            width = left[d] + InkColumns(digits.Image(chosen[d])).Width;
        }

        float scale = MathF.Min(Fine, 84 / width);
        for (int d = 0; d < count; d++)
        {
            float middle =
                left[d] - (width / 2) - InkColumns(digits.Image(chosen[d])).First + (RowSequence.Features / 2f);
            canvas.Draw(digits.Image(chosen[d]),
                new Vector2(center + (scale * middle), center + random.NextSymmetric(3 * scale)), scale);
        }
    }

    /// <summary>A digit upside down, mirrored or on its side, where that is no other digit.</summary>
    /// <param name="image">[28, 28].</param>
    public void Turn(Span<byte> image, ref CounterRandom random)
    {
        const int side = RowSequence.Features;
        int way = random.NextInt(4);
        ReadOnlySpan<byte> source = digits.Image(DigitOf(way < 2 ? [3, 4, 7] : [2, 3, 4, 5, 7], ref random));
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                (int fromX, int fromY) = way switch
                {
                    0 => (side - 1 - x, side - 1 - y),
                    1 => (side - 1 - x, y),
                    2 => (y, side - 1 - x),
                    _ => (side - 1 - y, x),
                };
                image[(y * side) + x] = source[(fromY * side) + fromX];
            }
        }
    }

    /// <summary>A digit under a cross or under a few lines.</summary>
    public void StrikeOut(InkCanvas canvas, ref CounterRandom random)
    {
        canvas.Draw(digits.Image(DigitOf([2, 3, 4, 5, 6, 8, 9], ref random)), new Vector2(InkCanvas.Side / 2f), Fine);
        float pen = Handwriting.Pen(ref random);
        bool isCross = random.NextSingle() < 0.5f;
        int lines = isCross ? 2 : 2 + random.NextInt(3);
        for (int line = 0; line < lines; line++)
        {
            float from = isCross ? line : (line + 0.5f + random.NextSymmetric(0.3f)) / lines;
            float to = isCross ? 1 - line : (line + 0.5f + random.NextSymmetric(0.3f)) / lines;
            canvas.Draw(
                [
                    InkCanvas.Place(new Vector2(random.NextSymmetric(0.1f), from + random.NextSymmetric(0.1f))),
                    InkCanvas.Place(new Vector2(1 + random.NextSymmetric(0.1f), to + random.NextSymmetric(0.1f))),
                ],
                [pen, pen]);
        }
    }

    /// <summary>The part of one digit up to a line and that of another, perhaps mirrored, beyond it.</summary>
    public void Mix(InkCanvas canvas, ref CounterRandom random)
    {
        const int side = RowSequence.Features;
        int one = random.NextInt(digits.Count);
        int other = DigitOtherThan([digits.Labels[one]], ref random);
        bool isUpright = random.NextSingle() < 0.35f; // the line between the two
        bool isMirrored = random.NextSingle() < 0.4f;
        int line = 10 + random.NextInt(9);
        int shift = random.NextInt(7) - 3;
        Span<byte> mixed = stackalloc byte[RowSequence.Length];
        for (int p = 0; p < mixed.Length; p++)
        {
            int x = p % side;
            int y = p / side;
            bool isFirst = (isUpright ? x : y) < line;
            int sourceX = isFirst || isUpright ? x : Math.Clamp(x + shift, 0, side - 1);
            int sourceY = isFirst || !isUpright ? y : Math.Clamp(y + shift, 0, side - 1);
            sourceX = !isFirst && isMirrored ? side - 1 - sourceX : sourceX;
            mixed[p] = digits.Image(isFirst ? one : other)[(sourceY * side) + sourceX];
        }

        canvas.Draw(mixed, new Vector2(InkCanvas.Side / 2f), Fine);
    }

    private int DigitOtherThan(byte[] labels, ref CounterRandom random) =>
        DigitWhere(label => !labels.Contains(label), ref random);

    private int DigitOf(byte[] labels, ref CounterRandom random) => DigitWhere(labels.Contains, ref random);

    /// <summary>A digit whose label fits; any digit where a small set seems to have none that does.</summary>
    private int DigitWhere(Predicate<byte> fits, ref CounterRandom random)
    {
        int index = random.NextInt(digits.Count);
        for (int draw = 1; draw < MostDraws && !fits(digits.Labels[index]); draw++)
        {
            index = random.NextInt(digits.Count);
        }

        return index;
    }

    /// <summary>The first column with ink and how many there are up to the last.</summary>
    public static (int First, int Width) InkColumns(ReadOnlySpan<byte> image)
    {
        int first = RowSequence.Features;
        int last = 0;
        for (int p = 0; p < image.Length; p++)
        {
            if (image[p] > RowSequence.MaxPixel / 4)
            {
                first = Math.Min(first, p % RowSequence.Features);
                last = Math.Max(last, p % RowSequence.Features);
            }
        }

        return (first, Math.Max(last - first + 1, 1));
    }
}
