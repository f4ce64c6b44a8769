using System.Numerics;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>Smooth noise in several octaves, each finer and weaker than the one before: texture as in photos.</summary>
/// <param name="Persistence">Amplitude of an octave beside the coarser one before it.</param>
internal readonly record struct ValueNoise(int Seed, int Octaves, float Persistence)
{
    public static ValueNoise Choose(ref CounterRandom random) =>
        new((int)random.NextBits(), 1 + random.NextInt(5), 0.4f + (0.5f * random.NextSingle()));

    /// <returns>0 to 1.</returns>
    public float At(Vector2 point)
    {
        float sum = 0;
        float amplitude = 1;
        float total = 0;
        for (int octave = 0; octave < Octaves; octave++)
        {
            sum += amplitude * Octave(point, octave);
            total += amplitude;
            amplitude *= Persistence;
            point *= 2;
        }

        return sum / total;
    }

    private float Octave(Vector2 point, int octave)
    {
        int left = (int)MathF.Floor(point.X);
        int top = (int)MathF.Floor(point.Y);
        float right = Smooth(point.X - left);
        float bottom = Smooth(point.Y - top);
        float upper = float.Lerp(Knot(left, top, octave), Knot(left + 1, top, octave), right);
        float lower = float.Lerp(Knot(left, top + 1, octave), Knot(left + 1, top + 1, octave), right);
        return float.Lerp(upper, lower, bottom);
    }

    private static float Smooth(float t) => t * t * (3 - (2 * t));

    private float Knot(int x, int y, int octave) =>
        new CounterRandom(Seed, stream: octave, epoch: x, index: y).NextSingle();
}
