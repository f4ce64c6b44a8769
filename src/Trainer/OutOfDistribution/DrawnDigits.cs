using MnistLstm.Shared;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// Digits in forms that people in much of the world write and MNIST, written in the United States, hardly has: a 1 with an
/// upstroke or a foot, and the 7 as it is told from such a 1, with a bar or a hook.
/// </summary>
public static class DrawnDigits
{
    private static readonly Glyph[] Ones =
    [
        .. Ways(
            "1",
            "23 50 50 59",
            "14 50 50 59",
            "32 50 50 59",
            "25 50 50 59",
            "15 60 60 59",
            "24 60 60 49",
            "13 50 50 49",
            "05 60 60 69",
            "34 50 50 49",
            "16 60 60 59",
            "23 50 50 59|29 89",
            "14 50 50 59|39 79",
            "32 50 50 59|19 99"),
    ];

    private static readonly Glyph[] Sevens =
    [
        .. Ways(
            "7",
            "01 71 71 39",
            "11 80 80 49",
            "00 80 80 29",
            "10 90 90 59",
            "03 01 81 81 49",
            "12 11 71 71 39",
            "01 81 81 39|25 75",
            "10 80 80 49|34 84",
            "11 81 64 49"),
    ];

    /// <summary>Draws digits, 1 and 7 by turns, and brings them to MNIST's form as the service would.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Of all that is random.</param>
    /// <param name="purpose">Which stream of random numbers, see <see cref="RandomPurpose"/>.</param>
    public static DigitSet Draw(int count, int seed, int purpose)
    {
        var canvas = new InkCanvas();
        var pixels = new byte[count * RowSequence.Length];
        var labels = new byte[count];
        for (int n = 0; n < count; n++)
        {
            bool isOne = n % 2 == 0;
            Glyph[] ways = isOne ? Ones : Sevens;
            var random = new CounterRandom(seed, purpose, index: n);
            labels[n] = isOne ? (byte)1 : (byte)7;
            Glyph way = ways[random.NextInt(ways.Length)];
            do
            {
                canvas.Clear();
                Handwriting.Write(canvas, way, Handwriting.Digits, ref random);
            }
            while (!canvas.Normalize(pixels.AsSpan(n * RowSequence.Length, RowSequence.Length)));
        }

        return new DigitSet(pixels, labels);
    }

    private static IEnumerable<Glyph> Ways(string name, params string[] ways) => ways.Select(way => Glyph.Parse("Digit", name, way));
}
