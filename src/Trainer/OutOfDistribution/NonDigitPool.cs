using System.Runtime.InteropServices;
using MnistLstm.Shared;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Evaluation;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Pictures that show no digit, drawn once for a stage to make views of, and which of them are hard.</summary>
public sealed class NonDigitPool
{
    private readonly byte[] _pixels; // [N, 28, 28]
    private readonly double _margin;
    private int[] _hard = [];

    private NonDigitPool(byte[] pixels, double margin)
    {
        _pixels = pixels;
        _margin = margin;
    }

    /// <summary>All pictures; the labels mean nothing.</summary>
    public DigitSet Pictures => new(_pixels, new byte[_pixels.Length / RowSequence.Length]);

    /// <exception cref="OperationCanceledException">The drawing was stopped.</exception>
    public static NonDigitPool Draw(DigitSet digits, TrainingOptions options, CancellationToken stop = default)
    {
        byte[] pixels = new byte[options.NonDigitPictures * RowSequence.Length];
        IReadOnlyList<Glyph> glyphs = UnseenNonDigits.SeenGlyphs(options.UnseenShare);
        IReadOnlyList<NonDigitKind> without = UnseenNonDigits.Kinds(options.UnseenShare);
        var workers = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = stop };
        Parallel.For(0, options.Threads, workers, worker =>
        {
            var nonDigits = new NonDigits(digits, glyphs);
            for (int n = worker; n < options.NonDigitPictures; n += options.Threads)
            {
                stop.ThrowIfCancellationRequested();
                Span<byte> picture = pixels.AsSpan(n * RowSequence.Length, RowSequence.Length);
                nonDigits.Make(
                    picture, without, new CounterRandom(options.RandomSeed, RandomPurpose.NonDigits, index: n));
            }
        });
        return new NonDigitPool(pixels, options.NonDigitMargin);
    }

    /// <summary>Takes as hard the pictures whose energy score is above the margin of non-digits.</summary>
    public void FindHard(LstmClassifier network)
    {
        float[] energy = IsDigitThreshold.Evidence(network.PredictLogits(Pictures));
        _hard = [.. Enumerable.Range(0, energy.Length).Where(n => energy[n] > _margin)];
    }

    /// <summary>A hard picture with the given chance, if there are any, else any picture.</summary>
    /// <returns>[28, 28].</returns>
    public ReadOnlySpan<byte> Choose(float hardShare, ref CounterRandom random)
    {
        bool isHard = random.NextSingle() < hardShare && _hard.Length > 0;
        int n = isHard ? _hard[random.NextInt(_hard.Length)] : random.NextInt(_pixels.Length / RowSequence.Length);
        return _pixels.AsSpan(n * RowSequence.Length, RowSequence.Length);
    }

    /// <summary>Writes which pictures are hard.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(_hard.Length);
        writer.Write(MemoryMarshal.AsBytes<int>(_hard));
    }

    public void Load(BinaryReader reader)
    {
        _hard = new int[reader.ReadInt32()];
        reader.ReadExactly(MemoryMarshal.AsBytes(_hard.AsSpan()));
    }
}
