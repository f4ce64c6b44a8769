using MnistLstm.Shared.Models;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// Draws pictures that show no digit, or not one, and brings them to MNIST's form as the service would. For one thread.
/// </summary>
/// <param name="digits">MNIST images for what is made of digits.</param>
public sealed class NonDigits(DigitSet digits, IReadOnlyList<Glyph> glyphs)
{
    private const int Attempts = 100;

    /// <summary>
    /// Letters that are written more often than others: the first of the Greek alphabet are what people try first.
    /// </summary>
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
    private readonly DigitCollages _collages = new(digits);
    private readonly DigitLikeness _likeness = new(digits);
    private readonly Glyph[][] _frequent = [.. ByName(glyphs).Where(ways => FrequentLetters.Contains(ways[0].Name))];
    private readonly Glyph[][] _signs = [.. ByName(glyphs).Where(ways => NearScripts.Contains(ways[0].Script))];
    private readonly Glyph[][] _scripts = [.. ByName(glyphs).Where(ways => !NearScripts.Contains(ways[0].Script))];

    /// <summary>A picture of any kind, the more likely ones more often.</summary>
    /// <param name="image">[28, 28], 0 = paper, 255 = ink.</param>
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
    public void Make(NonDigitKind kind, Span<byte> image, CounterRandom random)
    {
        if (kind == NonDigitKind.TurnedDigit)
        {
            _collages.Turn(image, ref random);
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

    private static IEnumerable<Glyph[]> ByName(IReadOnlyList<Glyph> glyphs) =>
        glyphs.GroupBy(glyph => glyph.Name).Select(ways => ways.ToArray());

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
                _collages.WriteRow(_canvas, ref random);
                break;
            case NonDigitKind.StruckDigit:
                _collages.StrikeOut(_canvas, ref random);
                break;
            case NonDigitKind.MixedDigit:
                _collages.Mix(_canvas, ref random);
                break;
            case NonDigitKind.Scribble:
                Scribbles.Draw(_canvas, ref random);
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
                Scribbles.DrawSpeck(_canvas, ref random);
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
}
