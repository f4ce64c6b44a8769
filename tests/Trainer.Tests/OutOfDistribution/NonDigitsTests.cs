using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.OutOfDistribution;

namespace MnistLstm.Trainer.Tests.OutOfDistribution;

public sealed class NonDigitsTests
{
    /// <summary>MNIST's box, within which the normalizer puts what it finds.</summary>
    private const int BoxSide = 20;

    private readonly NonDigits _nonDigits = new(BarDigits.Make(60, stream: 1), LetterStrokes.All);

    public static TheoryData<NonDigitKind> Kinds => [.. Enum.GetValues<NonDigitKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_comes_out_as_ink_in_the_form_of_MNIST(NonDigitKind kind)
    {
        for (int n = 0; n < 20; n++)
        {
            byte[] image = Draw(kind, n);

            image.Max().ShouldBeGreaterThan((byte)200);
            int[] inked = [.. Enumerable.Range(0, image.Length).Where(p => image[p] > 0)];
            (inked.Max() / RowSequence.Features - (inked.Min() / RowSequence.Features)).ShouldBeLessThan(BoxSide);
            (inked.Max(p => p % RowSequence.Features) - inked.Min(p => p % RowSequence.Features))
                .ShouldBeLessThan(BoxSide);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_picture_depends_on_its_random_numbers_alone(NonDigitKind kind)
    {
        byte[] first = Draw(kind, 1);
        byte[] second = Draw(kind, 2);

        second.ShouldNotBe(first);
        Draw(kind, 1).ShouldBe(first);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Digits_of_a_single_label_suffice_for_every_kind(NonDigitKind kind)
    {
        byte[] image = new byte[RowSequence.Length];
        DigitSet zero = BarDigits.Make(1, stream: 1);

        new NonDigits(zero, LetterStrokes.All).Make(kind, image, new CounterRandom(0, 5));

        image.Max().ShouldBeGreaterThan((byte)0);
    }

    [Fact]
    public void An_excluded_kind_is_never_drawn()
    {
        byte[] image = new byte[RowSequence.Length];

        NonDigitKind[] drawn = [.. Enumerable.Range(0, 60)
            .Select(n => _nonDigits.Make(image, [NonDigitKind.Letter], new CounterRandom(0, 3, index: n)))];

        drawn.ShouldNotContain(NonDigitKind.Letter);
        drawn.Distinct().Count().ShouldBeGreaterThan(3);
    }

    [Fact]
    public void The_seen_and_the_unseen_letters_are_all_letters()
    {
        const double share = 0.3;

        IReadOnlyList<Glyph> seen = UnseenNonDigits.SeenGlyphs(share);
        IReadOnlyList<Glyph> unseen = UnseenNonDigits.UnseenGlyphs(share);

        seen.Select(glyph => glyph.Name).ShouldNotContain(name => unseen.Any(glyph => glyph.Name == name));
        (seen.Count + unseen.Count).ShouldBe(LetterStrokes.All.Count);
        seen.ShouldNotContain(glyph => UnseenNonDigits.Scripts.Contains(glyph.Script));
        double signs = Signs(LetterStrokes.All);
        (Signs(unseen) / signs).ShouldBe(share, 1 / signs);
        UnseenNonDigits.UnseenGlyphs(0).ShouldBeEmpty();
        Signs(UnseenNonDigits.UnseenGlyphs(1e-6)).ShouldBe(1);

        static int Signs(IEnumerable<Glyph> glyphs) => glyphs
            .Where(glyph => !UnseenNonDigits.Scripts.Contains(glyph.Script))
            .DistinctBy(glyph => glyph.Name)
            .Count();
    }

    [Fact]
    public void A_point_of_a_letter_is_two_digits() =>
        Should.Throw<FormatException>(() => Glyph.Parse("Latin", "x", "00 9")).Message.ShouldContain("'9'");

    private byte[] Draw(NonDigitKind kind, int number)
    {
        byte[] image = new byte[RowSequence.Length];
        _nonDigits.Make(kind, image, new CounterRandom(0, 2, (int)kind, number));
        return image;
    }
}
