using System.Numerics;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Small drawings in lines: what people draw when they try what else a digit reader says.</summary>
internal static class Sketches
{
    private const int CurvePoints = 33;

    public static void Draw(InkCanvas canvas, float pen, ref CounterRandom random)
    {
        Matrix3x2 place =
            Matrix3x2.CreateScale(MathF.Exp(random.NextSymmetric(0.25f)), MathF.Exp(random.NextSymmetric(0.25f)))
            * Matrix3x2.CreateRotation(random.NextSymmetric(0.25f));
        foreach (Vector2[] stroke in Strokes(ref random))
        {
            var widths = new float[stroke.Length];
            Array.Fill(widths, pen);
            float unsteady = 0.015f * random.NextSingle();
            var placed = new Vector2[stroke.Length];
            for (int p = 0; p < stroke.Length; p++)
            {
                Vector2 shaken = stroke[p] + (new Vector2(random.NextNormal(), random.NextNormal()) * unsteady);
                placed[p] = p > 0 && stroke[p] == stroke[p - 1] // a corner
                    ? placed[p - 1]
                    : InkCanvas.Place(Vector2.Transform(shaken * 0.45f, place) + new Vector2(0.5f));
            }

            canvas.Draw(placed, widths);
        }
    }

    /// <summary>Strokes in the square from -1 to 1.</summary>
    private static Vector2[][] Strokes(ref CounterRandom random)
    {
        float a = random.NextSingle();
        float b = random.NextSingle();
        switch (random.NextInt(12))
        {
            case 0: // a spiral
                return [Curve(t => Polar(t, (1.8f + (2.5f * a)) * t * MathF.Tau * (b < 0.5f ? 1 : -1)), 8)];
            case 1: // circles one in the other
                return [Circle(default, 1), Circle(default, 0.3f + (0.3f * a)),
                    .. a < 0.3f ? [Circle(default, 0.1f)] : Array.Empty<Vector2[]>()];
            case 2: // a star drawn in one line
                int points = b < 0.6f ? 5 : 7;
                int skip = points / 2;
                return [Corners([.. Enumerable.Range(0, points + 1)
                    .Select(p => Polar(1, (p * skip * MathF.Tau / points) - (MathF.PI / 2)))])];
            case 3: // a zigzag
                int teeth = 4 + (int)(5 * a);
                return [Corners([.. Enumerable.Range(0, teeth + 1)
                    .Select(p => new Vector2((2f * p / teeth) - 1, p % 2 == 0 ? -0.5f - (b / 2) : 0.5f + (b / 2)))])];
            case 4: // a face
                return
                [
                    Circle(default, 1),
                    Circle(new Vector2(-0.4f, -0.3f), 0.08f),
                    Circle(new Vector2(0.4f, -0.3f), 0.08f),
                    Curve(t => Polar(0.55f, MathF.PI * (0.15f + (0.7f * t))), 1),
                ];
            case 5: // a house
                return [Corners([new(-0.8f, 1), new(-0.8f, -0.2f), new(0, -1), new(0.8f, -0.2f), new(0.8f, 1),
                    new(-0.8f, 1)]), Corners([new(-0.8f, -0.2f), new(0.8f, -0.2f)])];
            case 6: // a cat's head
                return
                [
                    Circle(new Vector2(0, 0.2f), 0.8f),
                    Corners([new(-0.7f, -0.2f), new(-0.7f, -1), new(-0.2f, -0.55f)]),
                    Corners([new(0.7f, -0.2f), new(0.7f, -1), new(0.2f, -0.55f)]),
                    Corners([new(-1, 0.3f), new(1, 0.4f)]),
                ];
            case 7: // a sun
                return [Circle(default, 0.45f), .. Enumerable.Range(0, 8)
                    .Select(p => Corners([Polar(0.45f, p * MathF.Tau / 8), Polar(1, p * MathF.Tau / 8)]))];
            case 8: // a flower
                int petals = 3 + (int)(3 * a);
                return [Curve(t => Polar(MathF.Abs(MathF.Cos(petals * t * MathF.PI)), t * MathF.Tau), 4)];
            case 9: // a tree
                return [Corners([new(0, 1), new(0, 0.3f)]),
                    Corners([new(-0.8f, 0.4f), new(0, -1), new(0.8f, 0.4f), new(-0.8f, 0.4f)])];
            case 10: // waves
                float waves = 2 + (2.5f * a);
                return [Curve(t =>
                    new Vector2((2 * t) - 1, (0.3f + (0.4f * b)) * MathF.Sin(t * waves * MathF.Tau)), 3)];
            default: // a person
                return
                [
                    Circle(new Vector2(0, -0.7f), 0.3f),
                    Corners([new(0, -0.4f), new(0, 0.3f)]),
                    Corners([new(-0.6f, -0.1f + (0.2f * a)), new(0.6f, -0.1f - (0.2f * b))]),
                    Corners([new(-0.5f, 1), new(0, 0.3f), new(0.5f, 1)]),
                ];
        }
    }

    private static Vector2 Polar(float radius, float angle) =>
        new(radius * MathF.Cos(angle), radius * MathF.Sin(angle));

    private static Vector2[] Circle(Vector2 center, float radius) =>
        Curve(t => center + Polar(radius, t * MathF.Tau), 1);

    private static Vector2[] Curve(Func<float, Vector2> at, int detail) =>
        [.. Enumerable.Range(0, (detail * CurvePoints) + 1).Select(p => at((float)p / (detail * CurvePoints)))];

    /// <summary>Straight lines from point to point.</summary>
    private static Vector2[] Corners(Vector2[] points) =>
        [points[0], .. points[1..^1].SelectMany(point => new[] { point, point }), points[^1]];
}
