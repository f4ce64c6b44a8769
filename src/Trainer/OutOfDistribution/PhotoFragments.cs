using System.Numerics;
using MnistLstm.Shared;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Gray pictures that show texture and edges from side to side: cut out of a photo of anything.</summary>
internal static class PhotoFragments
{
    private const int MostEdges = 4;

    private static readonly int[] Sides = [28, 40, 64];

    public static GrayImage Draw(ref CounterRandom random)
    {
        var noise = ValueNoise.Choose(ref random);
        float grid = 1 + (4 * random.NextSingle());
        float contrast = 0.1f + (0.9f * random.NextSingle());
        float level = random.NextSingle();
        var edges = new (Vector2 Direction, float Place, float Bend, float Step)[random.NextInt(MostEdges + 1)];
        for (int e = 0; e < edges.Length; e++)
        {
            float angle = random.NextSymmetric(MathF.PI);
            edges[e] = (
                new(MathF.Cos(angle), MathF.Sin(angle)),
                random.NextSymmetric(0.8f),
                random.NextSymmetric(0.8f),
                random.NextSymmetric(0.6f));
        }

        int side = Sides[random.NextInt(Sides.Length)];
        var image = new GrayImage(side, side);
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                Vector2 point = (new Vector2(x + 0.5f, y + 0.5f) * (2f / side)) - Vector2.One;
                float here = level + (contrast * (noise.At((point + new Vector2(2)) * grid) - 0.5f));
                foreach ((Vector2 direction, float place, float bend, float step) in edges)
                {
                    float across = Vector2.Dot(point, new Vector2(-direction.Y, direction.X));
                    float beyond = Vector2.Dot(point, direction) - place - (bend * across * across);
                    here += step * Math.Clamp((beyond * side / 2) + 0.5f, 0, 1);
                }

                image.Row(y)[x] = (byte)(RowSequence.MaxPixel * Math.Clamp(here, 0, 1));
            }
        }

        return image;
    }
}
