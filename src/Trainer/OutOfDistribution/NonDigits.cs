using System.Numerics;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// Draws pictures that show no digit, or not one, and brings them to MNIST's form as the service would. For one thread.
/// </summary>
/// <param name="digits">MNIST images for what is made of digits.</param>
/// <param name="glyphs">The letters to write.</param>
public sealed class NonDigits(DigitSet digits, IReadOnlyList<Glyph> glyphs)
{
    private const float Fine = Handwriting.Fine;

    private const int Attempts = 100;

    /// <summary>Draws of a digit with a label asked for; in MNIST each label has a tenth of the images.</summary>
    private const int MostDraws = 10_000;

    /// <summary>Letters that are written more often than others: the first of the Greek alphabet are what people try first.</summary>
    private static readonly string[] FrequentLetters = ["α", "β", "γ"];

    private const float FrequentShare = 0.2f;

    private static readonly (NonDigitKind Kind, float Share)[] Shares =
    [
        (NonDigitKind.Letter, 0.18f),
        (NonDigitKind.ScriptLetter, 0.16f),
        (NonDigitKind.InventedLetter, 0.13f),
        (NonDigitKind.SeveralDigits, 0.05f),
        (NonDigitKind.TurnedDigit, 0.02f),
        (NonDigitKind.StruckDigit, 0.02f),
        (NonDigitKind.MixedDigit, 0.04f),
        (NonDigitKind.Scribble, 0.03f),
        (NonDigitKind.Drawing, 0.02f),
        (NonDigitKind.Shape, 0.02f),
        (NonDigitKind.Silhouette, 0.27f),
        (NonDigitKind.PhotoFragment, 0.03f),
        (NonDigitKind.Chart, 0.01f),
        (NonDigitKind.Texture, 0.01f),
        (NonDigitKind.Speck, 0.01f),
    ];

    /// <summary>The scripts of <see cref="NonDigitKind.Letter"/>.</summary>
    private static readonly string[] NearScripts = ["Latin", "Greek", "Cyrillic", "Sign"];

    /// <summary>
    /// Letters that are more like a digit are drawn again, by <see cref="DigitLikeness"/>. A quarter of the held-out
    /// digits is above this, and one letter in a hundred.
    /// </summary>
    private const float MostDigitLikeLetter = 0.96f;

    /// <summary>The same for things in gray, which differ in tone and edges; a tenth of the digits is above.</summary>
    private const float MostDigitLikeThing = 0.98f;

    /// <summary>The same for mixed digits; three digits in a hundred are below.</summary>
    private const float MostDigitLikeMixture = 0.86f;

    private readonly InkCanvas _canvas = new();
    private readonly DigitLikeness _likeness = new(digits);
    private readonly Glyph[][] _frequent = [.. ByName(glyphs).Where(ways => FrequentLetters.Contains(ways[0].Name))];
    private readonly Glyph[][] _signs = [.. ByName(glyphs).Where(ways => NearScripts.Contains(ways[0].Script))];
    private readonly Glyph[][] _scripts = [.. ByName(glyphs).Where(ways => !NearScripts.Contains(ways[0].Script))];

    /// <summary>A picture of any kind, the more likely ones more often.</summary>
    /// <param name="image">[28, 28], 0 = paper, 255 = ink.</param>
    /// <param name="without">Kinds that are left out.</param>
    /// <param name="random">Decides everything.</param>
    public NonDigitKind Make(Span<byte> image, IReadOnlyList<NonDigitKind> without, CounterRandom random)
    {
        NonDigitKind kind;
        do
        {
            kind = Choose(random.NextSingle());
        }
        while (without.Contains(kind));

        Make(kind, image, random);
        return kind;
    }

    /// <summary>A picture of one kind.</summary>
    /// <param name="image">[28, 28], 0 = paper, 255 = ink.</param>
    /// <param name="random">Decides everything.</param>
    public void Make(NonDigitKind kind, Span<byte> image, CounterRandom random)
    {
        if (kind == NonDigitKind.TurnedDigit)
        {
            Turn(image, ref random);
            return;
        }

        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            // A set of few digits may have nothing else to mix.
            bool mayBeDigitLike = attempt >= Attempts / 2 || MostDigitLike(kind) is null;
            if (DrawNormalized(kind, image, ref random)
                && (mayBeDigitLike || _likeness.Measure(image) < MostDigitLike(kind)))
            {
                return;
            }
        }

        throw new InvalidOperationException($"{Attempts} pictures of the kind {kind} in a row came out blank.");
    }

    /// <summary>Null where what is drawn is never a digit.</summary>
    private static float? MostDigitLike(NonDigitKind kind) => kind switch
    {
        NonDigitKind.ScriptLetter or NonDigitKind.InventedLetter => MostDigitLikeLetter,
        NonDigitKind.MixedDigit => MostDigitLikeMixture,
        NonDigitKind.Silhouette or NonDigitKind.PhotoFragment => MostDigitLikeThing,
        _ => null,
    };

    /// <returns>False where the picture came out blank.</returns>
    private bool DrawNormalized(NonDigitKind kind, Span<byte> image, ref CounterRandom random)
    {
        if (kind is NonDigitKind.Silhouette or NonDigitKind.PhotoFragment)
        {
            using GrayImage picture = kind == NonDigitKind.Silhouette
                ? Silhouettes.Draw(ref random)
                : PhotoFragments.Draw(ref random);
            return InkCanvas.TryNormalize(picture, random.NextInt(DigitReader.MaxCandidates), image);
        }

        _canvas.Clear();
        Draw(kind, ref random);
        return _canvas.Normalize(image);
    }

    private static NonDigitKind Choose(float chance)
    {
        foreach ((NonDigitKind kind, float share) in Shares)
        {
            chance -= share;
            if (chance < 0)
            {
                return kind;
            }
        }

        return NonDigitKind.Letter;
    }

    private static IEnumerable<Glyph[]> ByName(IReadOnlyList<Glyph> glyphs) => glyphs.GroupBy(glyph => glyph.Name).Select(ways => ways.ToArray());

    private void Draw(NonDigitKind kind, ref CounterRandom random)
    {
        switch (kind)
        {
            case NonDigitKind.Letter:
                WriteLetter(ref random);
                break;
            case NonDigitKind.ScriptLetter:
                Write(_scripts, ref random);
                break;
            case NonDigitKind.InventedLetter:
                Handwriting.Write(_canvas, InventedLetters.Invent(ref random), Handwriting.Letters, ref random);
                break;
            case NonDigitKind.SeveralDigits:
                WriteDigits(ref random);
                break;
            case NonDigitKind.StruckDigit:
                StrikeDigit(ref random);
                break;
            case NonDigitKind.MixedDigit:
                MixDigits(ref random);
                break;
            case NonDigitKind.Scribble:
                Scribble(ref random);
                break;
            case NonDigitKind.Drawing:
                Sketches.Draw(_canvas, Handwriting.Pen(ref random), ref random);
                break;
            case NonDigitKind.Shape:
                NonDigitShapes.DrawShape(_canvas, ref random);
                break;
            case NonDigitKind.Chart:
                NonDigitShapes.DrawChart(_canvas, Handwriting.Pen(ref random), ref random);
                break;
            case NonDigitKind.Texture:
                NonDigitShapes.DrawTexture(_canvas, ref random);
                break;
            default:
                DrawSpeck(ref random);
                break;
        }
    }

    private void WriteLetter(ref CounterRandom random)
    {
        bool isFrequent = _frequent.Length > 0 && random.NextSingle() < FrequentShare;
        Write(isFrequent ? _frequent : _signs, ref random);
    }

    private void Write(Glyph[][] signs, ref CounterRandom random)
    {
        Glyph[] ways = signs[random.NextInt(signs.Length)];
        Handwriting.Write(_canvas, ways[random.NextInt(ways.Length)], Handwriting.Letters, ref random);
    }

    /// <summary>Digits that touch or nearly touch, so that the normaliser keeps them together; or two, one over the other.</summary>
    private void WriteDigits(ref CounterRandom random)
    {
        const float centre = InkCanvas.Side / 2f;
        if (random.NextSingle() < 0.15f)
        {
            int below = DigitOtherThan([1], ref random);
            int above = DigitOtherThan([1, digits.Labels[below]], ref random);
            _canvas.Draw(digits.Image(below), new Vector2(centre), Fine);
            _canvas.Draw(digits.Image(above), new Vector2(centre + random.NextSymmetric(12), centre + random.NextSymmetric(8)), Fine);
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
            width = left[d] + Ink(digits.Image(chosen[d])).Width;
        }

        float scale = MathF.Min(Fine, 84 / width);
        for (int d = 0; d < count; d++)
        {
            float middle = left[d] - (width / 2) - Ink(digits.Image(chosen[d])).First + (RowSequence.Features / 2f);
            _canvas.Draw(digits.Image(chosen[d]), new Vector2(centre + (scale * middle), centre + random.NextSymmetric(3 * scale)), scale);
        }
    }

    private int DigitOtherThan(byte[] labels, ref CounterRandom random) => DigitWhere(label => !labels.Contains(label), ref random);

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
    private static (int First, int Width) Ink(ReadOnlySpan<byte> image)
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

    private void Turn(Span<byte> image, ref CounterRandom random)
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

    private void StrikeDigit(ref CounterRandom random)
    {
        _canvas.Draw(digits.Image(DigitOf([2, 3, 4, 5, 6, 8, 9], ref random)), new Vector2(InkCanvas.Side / 2f), Fine);
        float pen = Handwriting.Pen(ref random);
        bool isCross = random.NextSingle() < 0.5f;
        int lines = isCross ? 2 : 2 + random.NextInt(3);
        for (int line = 0; line < lines; line++)
        {
            float from = isCross ? line : (line + 0.5f + random.NextSymmetric(0.3f)) / lines;
            float to = isCross ? 1 - line : (line + 0.5f + random.NextSymmetric(0.3f)) / lines;
            _canvas.Draw(
                [
                    InkCanvas.Place(new Vector2(random.NextSymmetric(0.1f), from + random.NextSymmetric(0.1f))),
                    InkCanvas.Place(new Vector2(1 + random.NextSymmetric(0.1f), to + random.NextSymmetric(0.1f))),
                ],
                [pen, pen]);
        }
    }

    /// <summary>The part of one digit up to a line and that of another, perhaps mirrored, beyond it.</summary>
    private void MixDigits(ref CounterRandom random)
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

        _canvas.Draw(mixed, new Vector2(InkCanvas.Side / 2f), Fine);
    }

    private void Scribble(ref CounterRandom random)
    {
        int lines = 1 + random.NextInt(3);
        float pen = Handwriting.Pen(ref random);
        for (int line = 0; line < lines; line++)
        {
            int count = 8 + random.NextInt(16);
            float curl = random.NextSymmetric(2.5f);
            float wild = 0.3f + (1.5f * random.NextSingle());
            float stride = 0.12f + (0.45f * random.NextSingle());
            var points = new Vector2[count];
            var widths = new float[count];
            var at = new Vector2(random.NextSingle(), random.NextSingle());
            float angle = random.NextSymmetric(MathF.PI);
            for (int p = 0; p < count; p++)
            {
                points[p] = InkCanvas.Place(at);
                widths[p] = pen;
                angle += (curl * stride) + (random.NextNormal() * wild);
                at += new Vector2(MathF.Cos(angle), MathF.Sin(angle)) * stride;
                if (at.X is < 0 or > 1 || at.Y is < 0 or > 1)
                {
                    at = Vector2.Clamp(at, Vector2.Zero, Vector2.One);
                    angle += MathF.PI / 2;
                }
            }

            _canvas.Draw(points, widths);
        }
    }

    /// <summary>A dot, or a dash that lies rather than stands: a standing one is a 1.</summary>
    private void DrawSpeck(ref CounterRandom random)
    {
        float length = random.NextSingle() < 0.3f ? 0 : 0.1f + (0.6f * random.NextSingle());
        float angle = random.NextSymmetric(0.5f);
        float pen = Handwriting.Pen(ref random) * (length > 0 ? 1 : 2);
        Vector2 half = new Vector2(MathF.Cos(angle), MathF.Sin(angle)) * (length / 2);
        Vector2 bend = new Vector2(-half.Y, half.X) * random.NextSymmetric(0.3f);
        var middle = new Vector2(0.5f);
        _canvas.Draw(
            [InkCanvas.Place(middle - half), InkCanvas.Place(middle + bend), InkCanvas.Place(middle + half)],
            [pen, pen * (1 + random.NextSymmetric(0.3f)), pen * (1 + random.NextSymmetric(0.3f))]);
    }
}
