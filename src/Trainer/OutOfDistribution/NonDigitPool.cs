using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Pictures of no digit that are drawn once, for a stage to make views of.</summary>
/// <param name="Pixels">[N, 28, 28].</param>
public sealed record NonDigitPool(byte[] Pixels)
{
    public int Count => Pixels.Length / RowSequence.Length;

    /// <param name="digits">What digits are taken from.</param>
    /// <param name="options">The run's: seed, threads, how many, what is kept unseen.</param>
    public static NonDigitPool Draw(DigitSet digits, TrainingOptions options)
    {
        var pool = new NonDigitPool(new byte[options.NonDigitPictures * RowSequence.Length]);
        IReadOnlyList<Glyph> glyphs = UnseenNonDigits.SeenGlyphs(options.UnseenShare);
        IReadOnlyList<NonDigitKind> without = UnseenNonDigits.Kinds(options.UnseenShare);
        Parallel.For(0, options.Threads, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, worker =>
        {
            var nonDigits = new NonDigits(digits, glyphs);
            for (int n = worker; n < options.NonDigitPictures; n += options.Threads)
            {
                nonDigits.Make(
                    pool.Pixels.AsSpan(n * RowSequence.Length, RowSequence.Length),
                    without,
                    new CounterRandom(options.RandomSeed, RandomPurpose.NonDigits, index: n));
            }
        });
        return pool;
    }

    public ReadOnlySpan<byte> Picture(int n) => Pixels.AsSpan(n * RowSequence.Length, RowSequence.Length);
}
