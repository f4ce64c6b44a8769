using System.Numerics;
using MnistLstm.Shared;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Bench.Robustness;

/// <summary>
/// Corrupts digits as MNIST-C does (Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019,
/// arXiv:1906.02337), at the severity that the paper's data set has; random numbers differ.
/// </summary>
public static class CorruptedDigits
{
    private const int Side = Plane.Side;
    private const float Center = (Side - 1) / 2f;

    private const float PhotonsOfInk = 3; // shot noise: of a pixel of full ink, on average
    private const float ImpulseShare = 0.17f;
    private const float GlassSigma = 0.7f;
    private const int GlassRounds = 2;
    private const int MotionLength = 21;
    private const float MotionSigma = 3;
    private const float ShearAngle = 0.4f;
    private const float TurnAngle = 0.4f;
    private const float Shrink = 0.7f;
    private const float Brightening = 0.5f;
    private const int Shift = 3; // pixels, along both axes
    private const int StripeFrom = 7; // what is left and right of the stripe is inverted
    private const int StripeTo = 21;
    private const float MudMean = 0.65f; // of the noise, whose blurred peaks are mud
    private const float MudDeviation = 0.3f;
    private const float MudTone = 63 / 255f;
    private const float LineReach = 2.3f; // pixels over which a line fades

    /// <summary>Every image with one corruption.</summary>
    /// <param name="digits">Clean images.</param>
    /// <param name="corruption">Which.</param>
    /// <param name="seed">The seed of everything random.</param>
    public static DigitSet Make(DigitSet digits, Corruption corruption, int seed)
    {
        var pixels = new byte[digits.Pixels.Length];
        Parallel.For(0, digits.Count, n =>
        {
            var random = new CounterRandom(seed, (int)corruption, index: n);
            Apply(corruption, Plane.FromPixels(digits.Image(n)), ref random)
                .ToPixels(pixels.AsSpan(n * RowSequence.Length, RowSequence.Length));
        });
        return new DigitSet(pixels, digits.Labels);
    }

    private static Plane Apply(Corruption corruption, Plane image, ref CounterRandom random)
    {
        switch (corruption)
        {
            case Corruption.ShotNoise:
                CounterRandom photons = random;
                return Plane.From((x, y) => Poisson(PhotonsOfInk * image[x, y], ref photons) / PhotonsOfInk);
            case Corruption.ImpulseNoise:
                CounterRandom impulses = random;
                return Plane.From((x, y) => impulses.NextSingle() < ImpulseShare ? impulses.NextInt(2) : image[x, y]);
            case Corruption.GlassBlur:
                return BlurByGlass(image, ref random);
            case Corruption.MotionBlur:
                return BlurByMotion(image, random.NextSymmetric(MathF.PI / 4));
            case Corruption.Shear:
                float shear = Sign(ref random) * ShearAngle;
                return Warp(image, new Matrix3x2(1, 0, -MathF.Sin(shear), MathF.Cos(shear), 0, 0));
            case Corruption.Scale:
                return Warp(image, Matrix3x2.CreateScale(1 / Shrink));
            case Corruption.Rotate:
                return Warp(image, Matrix3x2.CreateRotation(Sign(ref random) * TurnAngle));
            case Corruption.Brightness:
                return Plane.From((x, y) => image[x, y] + Brightening);
            case Corruption.Translate:
                return Warp(image, Matrix3x2.CreateTranslation(Sign(ref random) * Shift, Sign(ref random) * Shift));
            case Corruption.Stripe:
                return Plane.From((x, y) => x is < StripeFrom or >= StripeTo ? 1 - image[x, y] : image[x, y]);
            case Corruption.Fog:
                return AddFog(image, random);
            case Corruption.Spatter:
                return AddMud(image, random);
            case Corruption.DottedLine:
                return AddDottedLine(image, ref random);
            case Corruption.Zigzag:
                return AddZigzag(image, ref random);
            default:
                return CannyEdges.Find(image);
        }
    }

    private static int Sign(ref CounterRandom random) => (2 * random.NextInt(2)) - 1;

    /// <summary>Knuth's method.</summary>
    private static int Poisson(float mean, ref CounterRandom random)
    {
        float limit = MathF.Exp(-mean);
        int count = 0;
        for (float product = random.NextSingle(); product > limit; product *= random.NextSingle())
        {
            count++;
        }

        return count;
    }

    /// <param name="image">Read from.</param>
    /// <param name="toSource">From a pixel of the result to one of the image, both from the middle.</param>
    private static Plane Warp(Plane image, Matrix3x2 toSource) => Plane.From((x, y) =>
    {
        Vector2 source = Vector2.Transform(new Vector2(x - Center, y - Center), toSource);
        return image.Interpolate(source.X + Center, source.Y + Center);
    });

    /// <summary>Blurred, neighbors swapped by chance, and blurred again.</summary>
    private static Plane BlurByGlass(Plane image, ref CounterRandom random)
    {
        Plane glass = image.Blur(GlassSigma);
        for (int round = 0; round < GlassRounds; round++)
        {
            for (int y = Side - 1; y > 1; y--)
            {
                for (int x = Side - 1; x > 1; x--)
                {
                    if (random.NextInt(2) == 0)
                    {
                        int otherX = x - random.NextInt(2);
                        int otherY = y - random.NextInt(2);
                        (glass[x, y], glass[otherX, otherY]) = (glass[otherX, otherY], glass[x, y]);
                    }
                }
            }
        }

        return glass.Blur(GlassSigma);
    }

    /// <summary>The mean along a line from each pixel, nearer ones weighing more.</summary>
    private static Plane BlurByMotion(Plane image, float angle)
    {
        float[] weights = Plane.Gaussian(0, MotionLength, MotionSigma);
        (float sin, float cos) = MathF.SinCos(angle);
        return Plane.From((x, y) => Enumerable.Range(0, MotionLength).Sum(d =>
            weights[d] * image.Nearest(x + (int)MathF.Round(d * cos), y + (int)MathF.Round(d * sin))));
    }

    private static Plane AddFog(Plane image, CounterRandom random)
    {
        const float thickness = 3;
        Plane fog = PlasmaFractal.Make(ref random);
        float max = image.Max;
        return Plane.From((x, y) => (image[x, y] + (thickness * fog[x, y])) * max / (max + thickness));
    }

    private static Plane AddMud(Plane image, CounterRandom random)
    {
        Plane noise = Plane.Noise(MudMean, MudDeviation, random).Blur(1);
        Plane mud = Plane.From((x, y) => noise[x, y] > MudMean ? 1 : 0).Blur(1.5f);
        return Plane.From((x, y) =>
        {
            float cover = mud[x, y] < 0.8f ? 0 : mud[x, y];
            return (image[x, y] * (1 - cover)) + (MudTone * cover);
        });
    }

    /// <summary>From the left edge to the right one; two columns drawn, two left out.</summary>
    private static Plane AddDottedLine(Plane image, ref CounterRandom random)
    {
        var from = new Vector2(0, random.NextInt(Side - 1));
        var to = new Vector2(Side - 1, random.NextInt(Side - 1));
        return Plane.From((x, y) => image[x, y] + (x / 2 % 2 == 1 ? Line(from, to, x, y) : 0));
    }

    /// <summary>Around a line that rises or falls by up to five pixels.</summary>
    private static Plane AddZigzag(Plane image, ref CounterRandom random)
    {
        const int first = 2; // column
        const int last = 25;
        const float half = 2; // of a tooth's width and height
        float row = random.NextInt(Side - 1);
        float fall = random.NextInt(10) - 5;
        var along = Vector2.Normalize(new Vector2(last - first, fall));
        var across = new Vector2(-along.Y, along.X);
        float length = new Vector2(last - first, fall).Length();
        var start = new Vector2(first, row);
        var corners = new List<Vector2> { start };
        for (int tooth = 0; ((2 * tooth) + 1) * half < length; tooth++)
        {
            corners.Add(start + (along * ((2 * tooth) + 1) * half) + (across * (tooth % 2 == 0 ? half : -half)));
        }

        corners.Add(start + (along * length));
        return Plane.From((x, y) =>
            image[x, y] + Enumerable.Range(1, corners.Count - 1).Sum(c => Line(corners[c - 1], corners[c], x, y)));
    }

    /// <summary>A line's ink at a pixel: it fades with the logarithm of the distance, taken upright.</summary>
    private static float Line(Vector2 from, Vector2 to, int x, int y)
    {
        if (from.X == to.X || x < MathF.Floor(from.X) || x >= MathF.Ceiling(to.X))
        {
            return 0;
        }

        float row = from.Y + ((to.Y - from.Y) * (x - from.X) / (to.X - from.X));
        float distance = MathF.Abs(y - row) / LineReach;
        return distance < 1 ? MathF.Max(MathF.Log(1 - distance) + 1, 0) : 0;
    }
}
