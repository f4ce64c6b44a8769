using System.Numerics;
using MnistLstm.Shared;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Gray pictures of things: a random outline, shaded and patterned, some in coarse pixels.</summary>
internal static class Silhouettes
{
    private static readonly int[] Sides = [28, 28, 40, 64];

    private delegate bool Outline(Vector2 point);

    private delegate float Shade(Vector2 point);

    /// <returns>A square picture, dark on light or light on dark.</returns>
    public static GrayImage Draw(ref CounterRandom random)
    {
        Outline outline = ChooseOutline(ref random);
        Shade shade = ChooseShade(ref random);
        float turn = random.NextSymmetric(random.NextSingle() < 0.7f ? 0.1f : MathF.PI);
        Matrix3x2 place = Matrix3x2.CreateRotation(turn)
            * Matrix3x2.CreateScale(MathF.Exp(random.NextSymmetric(0.35f)), MathF.Exp(random.NextSymmetric(0.35f)))
            * Matrix3x2.CreateScale(random.NextSingle() < 0.3f ? 1 + random.NextSingle() : 1, 1) // a tall one
            * Matrix3x2.CreateScale(1 / (0.7f + (0.3f * random.NextSingle())));
        float paper = random.NextSingle() < 0.7f ? 0 : 0.3f * random.NextSingle();
        float grain = random.NextSingle() < 0.6f ? 0 : 0.08f * random.NextSingle();
        bool isInkLighter = random.NextSingle() < 0.6f;
        int side = Sides[random.NextInt(Sides.Length)];
        var image = new GrayImage(side, side);
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                float level = Level(new Vector2(x, y), 2f / side, point =>
                    outline(Vector2.Transform(point, place)) ? shade(Vector2.Transform(point, place)) : paper);
                level += grain > 0 ? grain * random.NextNormal() : 0;
                image.Row(y)[x] = (byte)(RowSequence.MaxPixel * Math.Clamp(isInkLighter ? level : 1 - level, 0, 1));
            }
        }

        return image;
    }

    /// <summary>The mean of four points of a pixel.</summary>
    private static float Level(Vector2 pixel, float unit, Func<Vector2, float> at)
    {
        float sum = 0;
        for (int sample = 0; sample < 4; sample++)
        {
            Vector2 inside = new(0.25f + (0.5f * (sample % 2)), 0.25f + (0.5f * (sample / 2)));
            sum += at(((pixel + inside) * unit) - Vector2.One);
        }

        return sum / 4;
    }

    /// <summary>An outline in the square from -1 to 1.</summary>
    private static Outline ChooseOutline(ref CounterRandom random)
    {
        Outline outline = random.NextInt(4) switch
        {
            0 or 1 => Mirrored(ref random),
            2 => Standing(ref random),
            _ => Round(ref random),
        };
        if (random.NextSingle() > 0.2f)
        {
            return outline;
        }

        Outline hole = Round(ref random);
        Vector2 middle = new(random.NextSymmetric(0.4f), random.NextSymmetric(0.5f));
        float size = 0.15f + (0.3f * random.NextSingle());
        return point => outline(point) && !hole((point - middle) / size);
    }

    /// <summary>Symmetric about an upright axis, perhaps with limbs or a slit: a vase, a leaf, a coat.</summary>
    private static Outline Mirrored(ref CounterRandom random)
    {
        var width = Profile.Choose(ref random, 0.1f, 0.85f, isClosed: false);
        bool hasSlit = random.NextSingle() < 0.3f;
        float slitFrom = random.NextSymmetric(0.6f);
        float slit = 0.03f + (0.2f * random.NextSingle());
        bool hasLimbs = random.NextSingle() < 0.35f;
        Vector2 shoulder = new(0.5f * width.At(0.15f), -0.9f + (0.6f * random.NextSingle()));
        Vector2 arm = new(0.2f + (0.7f * random.NextSingle()), -0.3f + (1.6f * random.NextSingle()));
        Vector2 hand = shoulder + arm;
        float limb = 0.06f + (0.12f * random.NextSingle());
        return point =>
        {
            float x = MathF.Abs(point.X);
            bool isInBody = MathF.Abs(point.Y) < 1 && x < width.At((point.Y + 1) / 2)
                && !(hasSlit && point.Y > slitFrom && x < slit * (point.Y - slitFrom));
            return isInBody || (hasLimbs && Distance(new Vector2(x, point.Y), shoulder, hand) < limb);
        };
    }

    /// <summary>Between two heights over a line: a hill, a car, a shoe.</summary>
    private static Outline Standing(ref CounterRandom random)
    {
        var upper = Profile.Choose(ref random, -0.9f, 0.4f, isClosed: false);
        var lower = Profile.Choose(ref random, 0.45f, 0.6f, isClosed: false);
        bool isFlat = random.NextSingle() < 0.6f;
        return point => MathF.Abs(point.X) < 1 && point.Y > upper.At((point.X + 1) / 2)
            && point.Y < (isFlat ? 0.5f : lower.At((point.X + 1) / 2));
    }

    /// <summary>A blob or a polygon around the middle.</summary>
    private static Outline Round(ref CounterRandom random)
    {
        var radius = Profile.Choose(ref random, 0.3f, 1, isClosed: true);
        return point => point.Length() < radius.At((MathF.Atan2(point.Y, point.X) + MathF.PI) / MathF.Tau);
    }

    private static float Distance(Vector2 point, Vector2 from, Vector2 to)
    {
        float along = Math.Clamp(Vector2.Dot(point - from, to - from) / (to - from).LengthSquared(), 0, 1);
        return Vector2.Distance(point, Vector2.Lerp(from, to, along));
    }

    private static Shade ChooseShade(ref CounterRandom random)
    {
        float level = 0.35f + (0.65f * random.NextSingle());
        float steepest = random.NextSingle() < 0.5f ? 0 : 0.35f;
        Vector2 slope = new(random.NextSymmetric(steepest), random.NextSymmetric(steepest));
        float contrast = 0.2f + (0.8f * random.NextSingle());
        float angle = random.NextInt(3) switch { 0 => 0, 1 => MathF.PI / 2, _ => random.NextSymmetric(MathF.PI) };
        Vector2 along = new(MathF.Cos(angle), MathF.Sin(angle));
        Vector2 across = new(-along.Y, along.X);
        float pitch = 4 + (14 * random.NextSingle());
        var noise = ValueNoise.Choose(ref random);
        float grid = 1 + (4 * random.NextSingle());
        Outline patch = Round(ref random);
        Vector2 middle = new(random.NextSymmetric(0.5f), random.NextSymmetric(0.5f));
        float size = 0.2f + (0.6f * random.NextSingle());
        int pattern = random.NextInt(8);
        return point =>
        {
            float stripe = MathF.Sin(pitch * Vector2.Dot(point, along));
            float grain = pattern is 2 or 3 or 6 ? noise.At((point + new Vector2(2)) * grid) : 0;
            float marked = pattern switch
            {
                0 => stripe > 0 ? 1 : 0,
                1 => stripe * MathF.Sin(pitch * Vector2.Dot(point, across)) > 0 ? 1 : 0,
                2 => grain,
                3 => grain > 0.5f ? 1 : 0,
                4 => patch((point - middle) / size) ? 1 : 0,
                5 => MathF.Abs(Vector2.Dot(point - middle, along)) < 0.08f ? 1 : 0, // a seam or a belt
                6 => (1 + MathF.Sin((pitch * Vector2.Dot(point, along)) + (4 * grain))) / 2, // folds
                _ => 0,
            };
            return Math.Clamp(level + Vector2.Dot(slope, point) - (contrast * level * marked), 0.03f, 1);
        };
    }
}
