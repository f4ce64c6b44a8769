using MnistLstm.Shared.Models;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Draws pictures of no digit, or of several, in MNIST's form. For one thread.</summary>
/// <param name="digits">MNIST images for what is made of digits.</param>
public sealed class NonDigits(DigitSet digits, IReadOnlyList<Glyph> glyphs)
{
    private const int Attempts = 100;

    /// <summary>Letters that are drawn more often: people try the first of the Greek alphabet first.</summary>
    private static readonly string[] FrequentLetters = ["α", "β", "γ"];

    private const float FrequentShare = 0.2f;

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

    private static readonly Recipe[] Recipes =
    [
        new(NonDigitKind.Letter, 0.18f, null, (d, ref r) => d.WriteLetter(ref r)),
        new(NonDigitKind.ScriptLetter, 0.16f, MostDigitLikeLetter, (d, ref r) => d.Write(d._scripts, ref r)),
        new(NonDigitKind.InventedLetter, 0.12f, MostDigitLikeLetter,
            (d, ref r) => Handwriting.Write(d._canvas, InventedLetters.Invent(ref r), Handwriting.Letters, ref r)),
        new(NonDigitKind.SeveralDigits, 0.07f, null, (d, ref r) => d._collages.WriteRow(d._canvas, ref r)),
        new(NonDigitKind.TurnedDigit, 0.02f, null, DrawOnCanvas: null),
        new(NonDigitKind.StruckDigit, 0.02f, null, (d, ref r) => d._collages.StrikeOut(d._canvas, ref r)),
        new(NonDigitKind.MixedDigit, 0.04f, MostDigitLikeMixture, (d, ref r) => d._collages.Mix(d._canvas, ref r)),
        new(NonDigitKind.Scribble, 0.03f, null, (d, ref r) => Scribbles.Draw(d._canvas, ref r)),
        new(NonDigitKind.Drawing, 0.02f, null,
            (d, ref r) => Sketches.Draw(d._canvas, Handwriting.Pen(ref r), ref r)),
        new(NonDigitKind.Shape, 0.02f, null, (d, ref r) => NonDigitShapes.DrawShape(d._canvas, ref r)),
        new(NonDigitKind.Silhouette, 0.26f, MostDigitLikeThing, DrawOnCanvas: null),
        new(NonDigitKind.PhotoFragment, 0.03f, MostDigitLikeThing, DrawOnCanvas: null),
        new(NonDigitKind.Chart, 0.01f, null,
            (d, ref r) => NonDigitShapes.DrawChart(d._canvas, Handwriting.Pen(ref r), ref r)),
        new(NonDigitKind.Texture, 0.01f, null, (d, ref r) => NonDigitShapes.DrawTexture(d._canvas, ref r)),
        new(NonDigitKind.Speck, 0.01f, null, (d, ref r) => Scribbles.DrawSpeck(d._canvas, ref r)),
    ];

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

        Recipe recipe = Recipes.First(r => r.Kind == kind);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            // A set of few digits may have nothing else to mix.
            float? mostDigitLike = attempt < Attempts / 2 ? recipe.MostDigitLike : null;
            if (Draw(recipe, image, ref random)
                && (mostDigitLike is null || _likeness.Measure(image) < mostDigitLike))
            {
                return;
            }
        }

        throw new InvalidOperationException($"{Attempts} pictures of the kind {kind} in a row came out blank.");
    }

    /// <returns>False where the picture came out blank.</returns>
    private bool Draw(Recipe recipe, Span<byte> image, ref CounterRandom random)
    {
        if (recipe.DrawOnCanvas is null)
        {
            using GrayImage picture = recipe.Kind == NonDigitKind.Silhouette
                ? Silhouettes.Draw(ref random)
                : PhotoFragments.Draw(ref random);
            return InkCanvas.TryNormalize(picture, random.NextInt(DigitReader.MaxCandidates), image);
        }

        _canvas.Clear();
        recipe.DrawOnCanvas(this, ref random);
        return _canvas.Normalize(image);
    }

    private static NonDigitKind Choose(float chance)
    {
        foreach (Recipe recipe in Recipes)
        {
            chance -= recipe.Share;
            if (chance < 0)
            {
                return recipe.Kind;
            }
        }

        return NonDigitKind.Letter;
    }

    private static IEnumerable<Glyph[]> ByName(IReadOnlyList<Glyph> glyphs) =>
        glyphs.GroupBy(glyph => glyph.Name).Select(ways => ways.ToArray());

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

    private delegate void Drawing(NonDigits drawer, ref CounterRandom random);

    /// <param name="Share">How often the kind is drawn among all.</param>
    /// <param name="MostDigitLike">
    /// A picture that is more like a digit is drawn again; null if the kind never shows a digit.
    /// </param>
    /// <param name="DrawOnCanvas">Null where the kind is not drawn in ink.</param>
    private sealed record Recipe(NonDigitKind Kind, float Share, float? MostDigitLike, Drawing? DrawOnCanvas);
}
