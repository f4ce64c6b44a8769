using SkiaSharp;

namespace MnistLstm.Support.HardPictures;

/// <summary>
/// A writer who always writes the same way, and some digits as few others do: a 1 with a long upstroke and a foot, a 7
/// with a bar, an open 4, a 9 like a g, a 0 with a slash.
/// </summary>
public static class OddHand
{
    /// <summary>The digits that this hand writes oddly.</summary>
    public static IReadOnlyList<int> OddDigits { get; } = [0, 1, 4, 7, 9];

    // One way for each digit, see DrawnDigit.
    private static readonly string[] Ways =
    [
        "54,0 38,14 32,50 38,88 54,100 68,88 74,50 68,14 54,0|-16,6 120,94",
        "0,92 60,0 60,0 56,100|8,100 108,100",
        "8,22 30,0 74,6 76,34 44,68 6,98 6,98 92,96",
        "12,14 48,0 82,20 50,46 50,46 86,66 76,94 40,100 8,86",
        "4,0 4,44 34,62 74,50 94,0|94,0 92,50 84,100",
        "86,2 24,2 24,2 18,44 18,44 56,38 84,64 70,94 36,100 10,88",
        "70,0 34,22 14,62 24,92 52,100 76,84 72,60 46,52 18,70",
        "4,30 8,0 8,0 96,0 96,0 60,50 46,100|6,64 98,56",
        "72,14 46,0 22,14 36,42 66,60 78,84 50,100 24,82 40,54 70,34 72,14",
        "84,10 50,-2 18,14 22,38 56,42 84,12 84,12 88,66 66,96 28,100 6,84 30,64 102,54",
    ];

    /// <summary>The writer's picture of a digit.</summary>
    /// <param name="label">The digit.</param>
    /// <param name="number">Other numbers, other pictures.</param>
    public static byte[] Make(int label, int number)
    {
        var random = new Random(unchecked((number * 486187739) + (label * 16777619)));
        SKMatrix hand = SKMatrix.CreateScale(random.Between(0.66f, 0.78f), 1)
            .PostConcat(SKMatrix.CreateSkew(random.Between(-0.14f, 0), 0))
            .PostConcat(SKMatrix.CreateRotation(random.Between(-0.06f, 0.06f)));
        PenStroke stroke = DrawnDigit.Write(Ways[label], hand, unsteady: 0.5f, random);
        return NaturalPicture.Make(stroke, PictureStyle.OpenFour, random);
    }
}
