using MnistLstm.Shared;

namespace MnistLstm.Trainer.Data;

/// <summary>A smooth displacement of each pixel: cubic B-splines over knots that are drawn at random.</summary>
internal sealed class DisplacementField
{
    private const int Side = RowSequence.TimeSteps;
    private const int Spacing = 7; // pixels between knots
    private const int Knots = (Side / Spacing) + 3;

    private static readonly float[] SplineWeights = MakeSplineWeights(); // [Side, 4]

    private readonly float[] _knots = new float[2 * Knots * Knots]; // [2, Knots, Knots]: displacements in x, then in y
    private readonly float[] _alongX = new float[2 * Knots * Side]; // [2, Knots, Side]: the spline along x

    /// <param name="elastic">Half the limit of the displacement at a knot, in pixels.</param>
    public void Draw(float elastic, ref CounterRandom random)
    {
        // A uniform knot has a standard deviation of 1/√3 of its limit; the spline halves it again.
        for (int k = 0; k < _knots.Length; k++)
        {
            _knots[k] = random.NextSymmetric(2 * elastic);
        }

        for (int row = 0; row < 2 * Knots; row++) // both components
        {
            for (int x = 0; x < Side; x++)
            {
                int knot = (row * Knots) + (x / Spacing);
                _alongX[(row * Side) + x] = Spline(_knots, knot, stride: 1, x);
            }
        }
    }

    /// <summary>The displacement of a pixel, in pixels.</summary>
    public (float X, float Y) At(int x, int y)
    {
        int first = (y / Spacing * Side) + x;
        return (Spline(_alongX, first, Side, y), Spline(_alongX, first + (Knots * Side), Side, y));
    }

    private static float Spline(float[] knots, int at, int stride, int pixel) =>
        (SplineWeights[4 * pixel] * knots[at])
        + (SplineWeights[(4 * pixel) + 1] * knots[at + stride])
        + (SplineWeights[(4 * pixel) + 2] * knots[at + (2 * stride)])
        + (SplineWeights[(4 * pixel) + 3] * knots[at + (3 * stride)]);

    private static float[] MakeSplineWeights()
    {
        var weights = new float[Side * 4];
        for (int x = 0; x < Side; x++)
        {
            float t = x % Spacing / (float)Spacing;
            weights[(4 * x) + 0] = (1 - t) * (1 - t) * (1 - t) / 6;
            weights[(4 * x) + 1] = ((3 * t * t * t) - (6 * t * t) + 4) / 6;
            weights[(4 * x) + 2] = ((-3 * t * t * t) + (3 * t * t) + (3 * t) + 1) / 6;
            weights[(4 * x) + 3] = t * t * t / 6;
        }

        return weights;
    }
}
