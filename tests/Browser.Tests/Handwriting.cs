namespace MnistLstm.Browser.Tests;

/// <summary>Ten digits as a hand writes them.</summary>
internal static class Handwriting
{
    /// <summary>Points of a stroke between two of those it passes through.</summary>
    private const int PointsPerSegment = 4;

    /// <summary>
    /// [digit][stroke][point]: what each stroke passes through, in percent of the paper's width and height.
    /// </summary>
    private static readonly (float X, float Y)[][][] Digits =
    [
        [[(52, 16), (36, 22), (28, 42), (29, 64), (40, 82), (56, 82), (69, 66), (71, 42), (63, 22), (52, 16)]],
        [[(57, 14), (54, 36), (50, 60), (47, 86)]],
        [[(31, 32), (38, 19), (54, 15), (66, 25), (64, 42), (50, 58), (36, 71), (29, 83)],
            [(29, 83), (48, 82), (72, 83)]],
        [[(33, 22), (48, 15), (63, 22), (62, 37), (46, 46)], [(46, 46), (64, 54), (68, 70), (54, 84), (32, 80)]],
        [[(38, 16), (33, 34), (28, 54)], [(28, 54), (48, 55), (70, 53)], [(62, 18), (60, 48), (57, 86)]],
        [[(67, 17), (52, 17), (37, 18)], [(37, 18), (35, 32), (33, 45)],
            [(33, 45), (50, 40), (66, 50), (67, 68), (54, 82), (31, 80)]],
        [[(60, 14), (45, 28), (35, 50), (35, 70), (47, 84), (62, 78), (65, 63), (54, 54), (40, 60), (36, 70)]],
        [[(28, 20), (48, 19), (71, 18)], [(71, 18), (60, 40), (51, 62), (46, 86)]],
        [
            [
                (64, 24), (52, 15), (38, 22), (38, 36), (52, 46), (65, 60), (64, 76), (50, 85), (36, 77),
                    (36, 62), (50, 47),
                (63, 36), (64, 24),
            ]
        ],
        [[(65, 28), (54, 17), (39, 22), (34, 38), (44, 50), (58, 46), (65, 30)],
            [(65, 28), (64, 50), (60, 68), (54, 86)]],
    ];

    /// <summary>The strokes of a digit, each as the points that a mouse reports on its way.</summary>
    public static IEnumerable<IReadOnlyList<(float X, float Y)>> Strokes(int digit) => Digits[digit].Select(Curve);

    /// <summary>
    /// A curve through all points, from E. Catmull and R. Rom, "A class of local interpolating splines", 1974.
    /// </summary>
    private static List<(float X, float Y)> Curve((float X, float Y)[] through)
    {
        List<(float X, float Y)> curve = [through[0]];
        for (int i = 0; i < through.Length - 1; i++)
        {
            (float X, float Y) before = through[Math.Max(0, i - 1)];
            (float X, float Y) from = through[i];
            (float X, float Y) to = through[i + 1];
            (float X, float Y) after = through[Math.Min(through.Length - 1, i + 2)];
            for (int step = 1; step <= PointsPerSegment; step++)
            {
                float u = step / (float)PointsPerSegment;
                curve.Add((Between(before.X, from.X, to.X, after.X, u), Between(before.Y, from.Y, to.Y, after.Y, u)));
            }
        }

        return curve;
    }

    private static float Between(float before, float from, float to, float after, float u) =>
        0.5f * ((2 * from) + ((to - before) * u)
            + (((2 * before) - (5 * from) + (4 * to) - after) * u * u)
            + (((3 * from) - before - (3 * to) + after) * u * u * u));
}
