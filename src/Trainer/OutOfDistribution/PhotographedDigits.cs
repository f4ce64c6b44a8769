using System.Numerics;
using System.Numerics.Tensors;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// MNIST's digits as another pen might have written them: thin or thick, skipping, running dry, on ruled paper or cut
/// off from a digit that touched. Photographed, and normalized as the service does it.
/// </summary>
public static class PhotographedDigits
{
    private const float MostTurn = 0.35f; // radians, 20 degrees
    private const float RuledShare = 0.1f;
    private const float CutShare = 0.2f;

    /// <summary>A candidate that is less like its digit, as a cosine, has lost part of it.</summary>
    private const float MinLikeness = 0.72f;

    /// <summary>Digits that no photo shows, such as blank ones, stay as they are.</summary>
    private const int MaxAttempts = 100;

    /// <param name="digits">The digits to photograph, chosen at random.</param>
    /// <exception cref="OperationCanceledException">The drawing was stopped.</exception>
    public static DigitSet Draw(
        DigitSet digits, int count, int seed, int purpose, CancellationToken stop = default)
    {
        var pixels = new byte[count * RowSequence.Length];
        var labels = new byte[count];
        var untilStopped = new ParallelOptions { CancellationToken = stop };
        Parallel.For(0, count, untilStopped, () => new InkCanvas(), (n, _, canvas) =>
        {
            var random = new CounterRandom(seed, purpose, index: n);
            Span<byte> image = pixels.AsSpan(n * RowSequence.Length, RowSequence.Length);
            bool isShown = false;
            for (int attempt = 0; attempt < MaxAttempts && !isShown; attempt++)
            {
                int digit = random.NextInt(digits.Count);
                labels[n] = digits.Labels[digit];
                digits.Image(digit).CopyTo(image);
                float[] wanted = Write(canvas, digits, digit, ref random);
                isShown = TryRecognize(canvas.Photograph(ref random), wanted, image);
            }

            return canvas;
        }, _ => { });
        return new DigitSet(pixels, labels);
    }

    /// <returns>The digit as it would be normalized with a better pen.</returns>
    private static float[] Write(InkCanvas canvas, DigitSet digits, int digit, ref CounterRandom random)
    {
        float scale = 1.6f * MathF.Pow(2, random.NextSingle()); // pixels of the sheet for one of MNIST's
        float turn = random.NextSymmetric(MostTurn);
        canvas.Clear();
        canvas.Draw(digits.Image(digit), new Vector2(InkCanvas.Side / 2f), scale, turn);
        var normalized = new byte[RowSequence.Length];
        canvas.Normalize(normalized);
        if (random.NextSingle() < CutShare)
        {
            CutOff(canvas, digits.Image(random.NextInt(digits.Count)), scale, ref random);
        }

        // A higher edge makes strokes thinner, a steeper one makes them sharper.
        float edge = 0.25f + (0.5f * random.NextSingle());
        float steepness = 1 + (4 * random.NextSingle());
        canvas.Change((_, ink) => Math.Clamp(((ink - edge) * steepness) + 0.5f, 0, 1) * MathF.Min(4 * ink, 1));
        switch (random.NextInt(4))
        {
            case 0:
                RunDry(canvas, ref random);
                break;
            case 1:
            case 2:
                PressUnevenly(canvas, scale, ref random);
                break;
        }

        Skip(canvas, scale, ref random);
        if (random.NextSingle() < RuledShare)
        {
            Rule(canvas, ref random);
        }

        return ToRows(normalized);
    }

    /// <summary>Writes a neighbor that touches the digit, and cuts it off about where they meet.</summary>
    private static void CutOff(InkCanvas canvas, ReadOnlySpan<byte> neighbor, float scale, ref CounterRandom random)
    {
        const float Center = InkCanvas.Side / 2f;
        bool isRight = random.NextInt(2) == 0;
        IEnumerable<float> columns = canvas.FindInk().Select(at => at.X).DefaultIfEmpty(Center);
        float edge = isRight ? columns.Max() : columns.Min();
        float side = isRight ? scale : -scale;
        (int first, int width) = DigitCollages.InkColumns(neighbor);
        float contact = (isRight ? first : first + width) - (RowSequence.Features / 2f);
        float overlap = side * 2.5f * random.NextSingle();
        canvas.Draw(
            neighbor,
            new Vector2(edge - overlap - (scale * contact), Center + random.NextSymmetric(3 * scale)),
            scale);
        float slant = random.NextSymmetric(0.4f);
        float cut = edge + (side * random.NextSymmetric(1.5f));
        canvas.Change((at, ink) => (at.X - cut - (slant * (at.Y - Center))) * side > 0 ? 0 : ink);
    }

    /// <summary>Makes the ink pale on one side of a line.</summary>
    private static void RunDry(InkCanvas canvas, ref CounterRandom random)
    {
        (float sin, float cos) = MathF.SinCos(random.NextSymmetric(MathF.PI));
        var direction = new Vector2(cos, sin);
        float[] places = [.. canvas.FindInk().Select(at => Vector2.Dot(at, direction)).Order()];
        float limit = places.Length == 0 ? 0 : places[(int)((0.5f + (0.4f * random.NextSingle())) * places.Length)];
        float pale = 0.15f + (0.35f * random.NextSingle());
        canvas.Change((at, ink) => Vector2.Dot(at, direction) > limit ? pale * ink : ink);
    }

    /// <summary>Varies the ink smoothly.</summary>
    private static void PressUnevenly(InkCanvas canvas, float scale, ref CounterRandom random)
    {
        var noise = new ValueNoise((int)random.NextBits(), Octaves: 2, Persistence: 0.5f);
        float knots = (1 + (3 * random.NextSingle())) / (20 * scale); // one to four in a digit's longer side
        float lightest = 0.12f + (0.4f * random.NextSingle());
        canvas.Change((at, ink) =>
            ink * float.Lerp(lightest, 1, Math.Clamp((2 * noise.At((at + new Vector2(99)) * knots)) - 0.5f, 0, 1)));
    }

    /// <summary>Makes up to three short gaps.</summary>
    private static void Skip(InkCanvas canvas, float scale, ref CounterRandom random)
    {
        Vector2[] ink = [.. canvas.FindInk()];
        for (int gaps = random.NextInt(4); gaps > 0 && ink.Length > 0; gaps--)
        {
            Vector2 center = ink[random.NextInt(ink.Length)];
            float radius = scale * (0.5f + (2 * random.NextSingle()));
            canvas.Change((at, here) => here * Math.Clamp(Vector2.Distance(at, center) - radius + 0.5f, 0, 1));
        }
    }

    private static void Rule(InkCanvas canvas, ref CounterRandom random)
    {
        Vector2 across = random.NextInt(2) == 0 ? Vector2.UnitY : Vector2.UnitX;
        across += new Vector2(random.NextSymmetric(0.05f), random.NextSymmetric(0.05f));
        float distance = 14 + (40 * random.NextSingle());
        float first = distance * random.NextSingle();
        float width = 1 + (2 * random.NextSingle());
        float pale = 0.15f + (0.6f * random.NextSingle());
        canvas.Change((at, ink) =>
            (Vector2.Dot(at, across) + first + InkCanvas.Side) % distance < width ? MathF.Max(ink, pale) : ink);
    }

    /// <summary>Writes the candidate that is most like the digit.</summary>
    /// <returns>False if no candidate is like it.</returns>
    private static bool TryRecognize(GrayImage photo, float[] wanted, Span<byte> image)
    {
        using GrayImage disposed = photo;
        float best = MinLikeness;
        foreach (DigitCandidate candidate in DigitNormalizer.Propose(photo).Take(DigitReader.MaxCandidates))
        {
            float likeness = TensorPrimitives.CosineSimilarity<float>(wanted, ToRows(candidate.Pixels));
            if (likeness > best)
            {
                best = likeness;
                candidate.Pixels.CopyTo(image);
            }
        }

        return best > MinLikeness;
    }

    /// <summary>[T, I] intensities.</summary>
    private static float[] ToRows(ReadOnlySpan<byte> pixels)
    {
        var rows = new float[RowSequence.Length];
        RowSequence.FromPixels(pixels, rows);
        return rows;
    }
}
