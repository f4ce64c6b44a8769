using System.Numerics;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// Letters of no script: two to five bars, bows, loops, hooks and waves that meet as the strokes of a letter do. After
/// Lake, Salakhutdinov and Tenenbaum, "Human-level concept learning through probabilistic program induction", 2015.
/// </summary>
internal static class InventedLetters
{
    private const float FreePartShare = 0.15f; // stands beside what is there
    private const float HeadBarShare = 0.15f; // as in Devanagari
    private const float StemShare = 0.15f;
    private const float DotShare = 0.15f;

    public static Glyph Invent(ref CounterRandom random)
    {
        var strokes = new List<Vector2[]>();
        float chance = random.NextSingle();
        int parts = chance < 0.35f ? 2 : chance < 0.75f ? 3 : chance < 0.93f ? 4 : 5;
        for (int part = 0; part < parts; part++)
        {
            Vector2[] stroke = Place(Part(ref random), ref random);
            if (part > 0)
            {
                Vector2[] other = strokes[random.NextInt(strokes.Count)];
                Vector2 anchor = other[random.NextInt(other.Length)];
                int joint = random.NextInt(3) switch
                {
                    0 => 0,
                    1 => stroke.Length - 1,
                    _ => random.NextInt(stroke.Length),
                };
                Vector2 move = random.NextSingle() < FreePartShare
                    ? anchor + (new Vector2(random.NextNormal(), random.NextNormal()) * 0.4f)
                    : anchor - stroke[joint];
                stroke = [.. stroke.Select(point => point + move)];
            }

            strokes.Add(stroke);
        }

        AddBars(strokes, ref random);
        return new Glyph("Invented", "", [.. strokes]);
    }

    private static void AddBars(List<Vector2[]> strokes, ref CounterRandom random)
    {
        Vector2[] points = [.. strokes.SelectMany(stroke => stroke)];
        float left = points.Min(p => p.X);
        float right = points.Max(p => p.X);
        float top = points.Min(p => p.Y);
        float bottom = points.Max(p => p.Y);
        if (random.NextSingle() < HeadBarShare)
        {
            strokes.Add([new(left - 0.1f, top), new(right + 0.1f, top)]);
        }

        if (random.NextSingle() < StemShare)
        {
            strokes.Add([new(right, top), new(right, bottom + 0.1f)]);
        }

        for (int dot = random.NextSingle() < DotShare ? 1 + random.NextInt(3) : 0; dot > 0; dot--)
        {
            float x = left + (random.NextSingle() * (right - left));
            var at = new Vector2(x, random.NextSingle() < 0.5f ? top - 0.25f : bottom + 0.25f);
            strokes.Add([at, at + new Vector2(0.02f, 0)]);
        }
    }

    /// <summary>Scales, mirrors and turns a part, mostly by quarters.</summary>
    private static Vector2[] Place(Vector2[] part, ref CounterRandom random)
    {
        float size = 0.35f + (0.75f * random.NextSingle());
        float angle = random.NextSingle() < 0.75f
            ? (random.NextInt(4) * MathF.PI / 2) + random.NextSymmetric(0.2f)
            : random.NextSymmetric(MathF.PI);
        float width = random.NextSingle() < 0.5f ? size : -size;
        float height = size * MathF.Exp(random.NextSymmetric(0.4f));
        Matrix3x2 place = Matrix3x2.CreateScale(width, height) * Matrix3x2.CreateRotation(angle);
        return [.. part.Select(point => Vector2.Transform(point, place))];
    }

    /// <summary>In the square from -0.5 to 0.5; a point that comes twice is a corner.</summary>
    private static Vector2[] Part(ref CounterRandom random)
    {
        float a = random.NextSingle();
        return random.NextInt(9) switch
        {
            0 or 1 => [new(0, -0.5f), new(0.1f * (a - 0.5f), 0), new(0, 0.5f)],
            2 => Arc(2 + (3 * a), 0.5f),
            3 => Arc(MathF.Tau + 0.3f, 0.2f + (0.25f * a)),
            4 => Hook(0.12f + (0.15f * a)),
            5 => [new(-0.4f, -0.4f), new(-0.4f, 0.4f), new(-0.4f, 0.4f), new(0.4f * a, 0.4f)],
            6 => Wave(1 + (0.5f * a), 7, 0.25f),
            7 => Wave(1.5f + a, 11, 0.3f),
            _ => [new(-0.5f, -0.3f), new(0.2f, 0.3f), new(0.4f, 0), new(0.2f, -0.3f), new(-0.1f, 0), new(-0.5f, 0.3f)],
        };
    }

    /// <summary>From the left over the bottom, around the middle.</summary>
    private static Vector2[] Arc(float extent, float radius) =>
    [
        .. Enumerable.Range(0, 9).Select(p => p * extent / 8).Select(angle =>
            radius * new Vector2(-MathF.Cos(angle), MathF.Sin(angle))),
    ];

    private static Vector2[] Hook(float radius) =>
    [
        new(0, -0.5f), new(0, 0), .. Arc(MathF.PI, radius).Select(point => point + new Vector2(radius, 0.25f)),
    ];

    private static Vector2[] Wave(float periods, int points, float height) =>
        [.. Enumerable.Range(0, points).Select(p => new Vector2(
            ((float)p / (points - 1)) - 0.5f, height * MathF.Sin(periods * MathF.Tau * p / (points - 1))))];
}
