using System.Numerics.Tensors;
using MnistLstm.Shared;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// How near a picture is to the nearest of many digits, to leave out drawings that happen to be one: the largest cosine
/// between the pictures, blurred and reduced to 14x14.
/// </summary>
public sealed class DigitLikeness
{
    private const int Side = 14;
    private const int Length = Side * Side;
    private const int MostDigits = 6_000;

    private readonly float[] _digits; // [N, 14, 14], each of length 1

    public DigitLikeness(DigitSet digits)
    {
        int count = Math.Min(digits.Count, MostDigits);
        _digits = new float[count * Length];
        for (int n = 0; n < count; n++)
        {
            Reduce(digits.Image(n), _digits.AsSpan(n * Length, Length));
        }
    }

    /// <param name="picture">[28, 28].</param>
    /// <returns>0 to 1; 1 = a digit itself.</returns>
    public float Measure(ReadOnlySpan<byte> picture)
    {
        Span<float> reduced = stackalloc float[Length];
        Reduce(picture, reduced);
        float nearest = 0;
        for (int first = 0; first < _digits.Length; first += Length)
        {
            nearest = MathF.Max(nearest, TensorPrimitives.Dot<float>(reduced, _digits.AsSpan(first, Length)));
        }

        return nearest;
    }

    /// <summary>Weights [1 3 3 1] in both directions at every second pixel, scaled to length 1.</summary>
    private static void Reduce(ReadOnlySpan<byte> picture, Span<float> reduced)
    {
        for (int p = 0; p < Length; p++)
        {
            float sum = 0;
            for (int v = -1; v <= 2; v++)
            {
                for (int u = -1; u <= 2; u++)
                {
                    int x = (2 * (p % Side)) + u;
                    int y = (2 * (p / Side)) + v;
                    bool isInside = x is >= 0 and < RowSequence.Features && y is >= 0 and < RowSequence.TimeSteps;
                    int weight = (u is 0 or 1 ? 3 : 1) * (v is 0 or 1 ? 3 : 1);
                    sum += isInside ? weight * picture[(y * RowSequence.Features) + x] : 0;
                }
            }

            reduced[p] = sum;
        }

        TensorPrimitives.Divide(reduced, MathF.Max(TensorPrimitives.Norm<float>(reduced), 1), reduced);
    }
}
