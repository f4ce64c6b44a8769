using MnistLstm.Shared;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// Digits in forms that people in much of the world write and MNIST, written in the United States, hardly has: a 1 with
/// an upstroke or a foot, a 7 with a bar or a hook, a slashed 0, a 3 with a flat top, an open 4, a 5 whose top is
/// apart.
/// </summary>
public static class DrawnDigits
{
    private static readonly (byte Label, Glyph[] Ways)[] Digits =
    [
        Ways(
            1,
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
        Ways(
            7,
            "01 71 71 39",
            "11 80 80 49",
            "00 80 80 29",
            "10 90 90 59",
            "03 01 81 81 49",
            "12 11 71 71 39",
            "01 81 81 39|25 75",
            "10 80 80 49|34 84",
            "11 81 64 49"),
        Ways(
            0,
            "50 21 04 07 39 59 87 94 81 50|81 18",
            "40 12 05 27 49 78 86 72 40|80 19",
            "50 22 15 38 59 77 84 72 50|71 28"),
        Ways(
            3,
            "11 81 81 44 44 75 77 48 17",
            "10 80 80 43 43 74 77 59 28 07",
            "01 71 71 34 34 65 77 59 29 08",
            "12 82 82 44 65 77 58 28"),
        Ways(
            4,
            "10 15 15 85|71 79",
            "20 05 05 95|60 69",
            "21 06 06 86|70 59",
            "30 14 16 86|80 79",
            "10 14 26 75|81 74 69"),
        Ways(
            5,
            "20 24 54 76 58 28|50 90",
            "11 14 53 75 67 39 08|41 91",
            "21 25 55 77 69 29|51 81",
            "10 14 54 76 68 38 17|40 80"),
    ];

    /// <summary>Draws digits, each label in turn, and brings them to MNIST's form as the service would.</summary>
    public static DigitSet Draw(int count, int seed, int purpose) => Draw(Digits, count, seed, purpose);

    private static DigitSet Draw((byte Label, Glyph[] Ways)[] digits, int count, int seed, int purpose)
    {
        var pixels = new byte[count * RowSequence.Length];
        var labels = new byte[count];
        Parallel.For(0, count, () => new InkCanvas(), (n, _, canvas) =>
        {
            (labels[n], Glyph[] ways) = digits[n % digits.Length];
            var random = new CounterRandom(seed, purpose, index: n);
            Glyph way = ways[random.NextInt(ways.Length)];
            do
            {
                canvas.Clear();
                Handwriting.Write(canvas, way, Handwriting.Digits, ref random);
            }
            while (!canvas.Normalize(pixels.AsSpan(n * RowSequence.Length, RowSequence.Length)));
            return canvas;
        }, _ => { });
        return new DigitSet(pixels, labels);
    }

    /// <summary>All ten digits as most people write them, to stand in for MNIST where it is not to be had.</summary>
    private static readonly (byte Label, Glyph[] Ways)[] UsualDigits =
    [
        Ways(0, "50 21 14 16 39 59 78 85 82 60 50", "50 20 12 05 18 49 69 87 84 71 50",
            "40 21 13 16 29 59 77 84 71 40"),
        Ways(1, "50 59", "60 49", "50 50 49", "41 59"),
        Ways(2, "12 20 50 72 73 45 19 19 89", "22 40 70 73 55 28 09 09 49 99", "11 40 72 54 28 18 27 58 99",
            "13 30 70 64 19 19 99"),
        Ways(3, "11 40 71 73 45 45 76 78 49 08", "20 60 72 44 44 75 77 49 18", "11 50 82 64 34 34 75 88 59 18"),
        Ways(4, "50 05 05 95|70 69", "20 15 15 85|70 69", "60 05 05 85|61 59", "10 04 25 84|80 79",
            "70 15 15 85|70 69"),
        Ways(5, "20 15 15 54 76 68 39 08|20 80", "80 20 20 14 14 54 76 58 19", "21 15 15 55 77 69 39 17|21 81"),
        Ways(6, "60 32 15 27 59 78 76 55 26 17", "70 31 14 17 39 69 87 75 45 16", "50 23 16 28 59 77 65 35 17"),
        Ways(7, "10 80 80 39", "11 80 80 49", "00 80 80 29", "01 81 81 59"),
        Ways(8, "70 30 12 34 65 87 69 39 17 25 64 82 70", "60 31 23 54 77 59 29 17 34 72 60",
            "50 21 23 54 77 69 39 17 25 63 72 50"),
        Ways(9, "80 50 22 24 55 82 80 80 79", "82 50 20 13 35 65 82 82 59", "71 40 12 34 64 71 71 49",
            "72 40 21 34 64 72 72 69 39 18"),
    ];

    /// <summary>A data set of usual digits and of these forms, in three splits.</summary>
    public static MnistDataset DrawDataset(int seed)
    {
        return new MnistDataset(
            Train: Draw(20_000, RandomPurpose.UsualDigits),
            Validation: Draw(5_000, RandomPurpose.HeldOutUsualDigits),
            Test: Draw(5_000, RandomPurpose.UsualTestDigits))
        {
            Note = "The digits are generated.",
        };

        DigitSet Draw(int count, int purpose) =>
            DrawnDigits.Draw([.. UsualDigits, .. UsualDigits, .. Digits], count, seed, purpose);
    }

    private static (byte Label, Glyph[] Ways) Ways(byte label, params string[] ways) =>
        (label, [.. ways.Select(way => Glyph.Parse("Digit", $"{label}", way))]);
}
