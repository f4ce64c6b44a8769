using System.Globalization;
using SkiaSharp;

namespace MnistLstm.Support.HardPictures;

/// <summary>Digits in forms that MNIST hardly has, written with a pen by program.</summary>
public static class DrawnDigit
{
    /// <summary>Length of a digit's longer side, in the 28x28 pixels.</summary>
    private const float Side = 20;

    /// <summary>Largest distance of neighboring points, in the 28x28 pixels.</summary>
    private const float Step = 0.3f;

    // Points of each stroke as x,y in percent of the digit's box; a point that comes twice is a corner.
    private static readonly string[] SlashedZeros =
    [
        "50,0 15,20 5,50 18,82 50,100 82,82 95,50 85,20 50,0 42,2|88,10 12,92",
        "55,0 22,15 8,55 25,90 52,100 80,85 92,45 80,12 55,0|100,-6 2,104",
        "48,2 20,12 6,48 14,80 46,99 76,90 90,60 88,25 60,4 48,2|74,24 26,76",
    ];

    private static readonly string[] OpenFours =
    [
        "20,0 14,30 8,58 8,58 55,56 92,52|72,4 66,50 60,100",
        "12,2 10,58 10,58 96,58|70,0 70,100",
        "30,0 8,62 8,62 90,60|78,6 64,100",
        "16,4 8,36 20,58 50,58 74,48 74,48 78,4 78,4 72,60 66,100",
    ];

    private static readonly string[] FlatThrees =
    [
        "10,2 88,0 88,0 44,40 44,40 78,46 94,70 74,94 40,100 6,88",
        "6,0 86,2 86,2 40,44 40,44 84,50 90,80 54,100 4,92",
        "12,6 50,4 92,0 92,0 48,38 48,38 86,52 88,84 46,100 8,94",
    ];

    private static readonly string[] BrokenFives =
    [
        "18,6 12,44 12,44 52,38 88,58 82,88 44,100 6,90|34,2 94,-4",
        "22,10 16,46 16,46 60,42 90,66 72,94 34,100 6,86|30,-2 92,2",
        "14,8 14,48 14,48 58,40 92,64 76,94 36,100 8,92|28,4 90,0",
    ];

    private static readonly string[][] Looped =
    [
        ["50,0 30,14 22,50 30,88 50,100 68,86 76,50 66,12 46,0 44,12 62,18"],
        ["34,26 54,0 54,0 52,52 50,100", "30,30 52,4 58,0 58,0 50,100"],
        ["14,20 40,0 76,12 72,42 40,74 16,94 8,90 12,80 26,82 48,96 90,94",
            "20,24 50,0 80,20 62,56 24,92 12,96 10,86 24,84 60,98 92,86"],
        ["18,12 46,0 76,14 68,36 46,46 40,42 48,38 80,54 80,86 44,100 14,88 14,78 24,80",
            "14,16 50,0 78,18 58,42 44,46 46,40 84,60 72,94 34,100 12,84"],
        ["58,0 30,40 10,66 10,66 94,62|66,34 64,70 60,100", "62,0 12,64 12,64 90,64|66,30 64,100"],
        ["28,2 18,44 18,44 56,36 88,62 72,94 32,100 10,84 16,76 24,82|28,2 84,0 90,6"],
        ["72,0 38,22 14,64 22,94 44,100 62,88 60,74 42,70 28,80 26,92",
            "60,0 30,30 16,76 34,100 56,92 58,78 42,74 26,88"],
        ["12,22 10,6 10,6 50,8 88,2 88,2 62,44 44,100", "8,18 14,4 48,8 90,0 90,0 66,40 52,74 46,100"],
        ["70,10 46,0 34,10 40,24 66,48 80,78 56,100 28,84 34,56 60,28 70,10",
            "64,6 44,2 38,14 50,30 74,60 70,92 46,100 26,84 36,54 60,26 64,6"],
        ["68,12 50,0 30,8 26,24 42,32 62,24 70,10 70,10 66,56 56,100",
            "66,10 46,2 32,14 36,28 52,28 68,12 68,12 70,40 62,76 40,98 24,94"],
    ];

    /// <summary>Whether a picture of this style shows a drawn digit.</summary>
    public static bool Draws(PictureStyle style) => style is PictureStyle.ThinLoops or PictureStyle.SlashedZero
        or PictureStyle.OpenFour or PictureStyle.FlatThree or PictureStyle.BrokenFive;

    /// <summary>Writes a digit as an unsteady hand would.</summary>
    public static (PenStroke Stroke, int Label) Write(PictureStyle style, Random random)
    {
        (string[] ways, int label) = style switch
        {
            PictureStyle.SlashedZero => (SlashedZeros, 0),
            PictureStyle.OpenFour => (OpenFours, 4),
            PictureStyle.FlatThree => (FlatThrees, 3),
            PictureStyle.BrokenFive => (BrokenFives, 5),
            PictureStyle.ThinLoops => Loops(random.Next(10)),
            _ => throw new ArgumentOutOfRangeException(nameof(style)),
        };
        string way = ways[random.Next(ways.Length)];
        SKMatrix hand = SKMatrix.CreateScale(random.Between(0.55f, 0.8f), 1)
            .PostConcat(SKMatrix.CreateSkew(random.Between(-0.3f, 0.05f), 0))
            .PostConcat(SKMatrix.CreateRotation(random.Between(-0.08f, 0.08f)));
        return (Write(way, hand, unsteady: random.Between(0.1f, 0.35f), random), label);

        static (string[] Ways, int Label) Loops(int label) => (Looped[label], label);
    }

    /// <summary>Writes strokes as a hand would.</summary>
    /// <param name="way">Points of each stroke as x,y in percent of the digit's box; a point that comes twice is a
    /// corner.</param>
    /// <param name="hand">Scale, slant and rotation of the handwriting.</param>
    /// <param name="unsteady">Maximum jitter of each point, in the 28x28 pixels.</param>
    /// <param name="random">Decides everything else.</param>
    internal static PenStroke Write(string way, SKMatrix hand, float unsteady, Random random)
    {
        List<SKPoint[]> lines = [];
        foreach (SKPoint[] points in way.Split('|').Select(Parse))
        {
            lines.Add([.. Smooth(Shake(points, unsteady, random)).Select(hand.MapPoint)]);
        }

        return PenStroke.Through(Fit(lines));
    }

    private static SKPoint[] Parse(string stroke) =>
    [
        .. stroke.Split(' ')
            .Select(point => point.Split(',').Select(part => float.Parse(part, CultureInfo.InvariantCulture)).ToArray())
            .Select(xy => new SKPoint(xy[0] * Side / 100, xy[1] * Side / 100)),
    ];

    private static SKPoint[] Shake(SKPoint[] points, float unsteady, Random random)
    {
        var shaken = new SKPoint[points.Length];
        for (int p = 0; p < points.Length; p++)
        {
            bool isCorner = p > 0 && points[p] == points[p - 1];
            shaken[p] = isCorner
                ? shaken[p - 1]
                : points[p] + new SKPoint(random.Between(-unsteady, unsteady), random.Between(-unsteady, unsteady));
        }

        return shaken;
    }

    /// <summary>A smooth line through the points (Catmull and Rom, 1974).</summary>
    private static IEnumerable<SKPoint> Smooth(SKPoint[] points)
    {
        for (int i = 0; i + 1 < points.Length; i++)
        {
            SKPoint from = points[i];
            SKPoint to = points[i + 1];
            SKPoint before = i > 0 && points[i - 1] != from ? points[i - 1] : from;
            SKPoint after = i + 2 < points.Length && points[i + 2] != to ? points[i + 2] : to;
            int steps = 1 + (int)(SKPoint.Distance(from, to) / Step);
            for (int s = 0; s <= steps; s++)
            {
                float t = (float)s / steps;
                yield return new SKPoint(
                    Spline(before.X, from.X, to.X, after.X, t), Spline(before.Y, from.Y, to.Y, after.Y, t));
            }
        }
    }

    private static float Spline(float before, float from, float to, float after, float t)
    {
        float squared = (2 * before) - (5 * from) + (4 * to) - after;
        float cubed = (3 * from) - before - (3 * to) + after;
        return 0.5f * ((2 * from) + (t * (to - before + (t * (squared + (t * cubed))))));
    }

    /// <summary>Scales the longer side to 20 of the 28 pixels and moves the box to the middle, as in MNIST.</summary>
    private static IEnumerable<SKPoint[]> Fit(List<SKPoint[]> lines)
    {
        float left = lines.Min(line => line.Min(p => p.X));
        float right = lines.Max(line => line.Max(p => p.X));
        float top = lines.Min(line => line.Min(p => p.Y));
        float bottom = lines.Max(line => line.Max(p => p.Y));
        float scale = Side / Math.Max(right - left, bottom - top);
        SKMatrix fit = SKMatrix.CreateTranslation(-(left + right) / 2, -(top + bottom) / 2)
            .PostConcat(SKMatrix.CreateScale(scale, scale))
            .PostConcat(SKMatrix.CreateTranslation(14, 14));
        return lines.Select(line => line.Select(fit.MapPoint).ToArray());
    }
}
