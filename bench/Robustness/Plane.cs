using MnistLstm.Shared;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Bench.Robustness;

/// <summary>A 28x28 image of intensities from 0 to 1.</summary>
public sealed class Plane
{
    public const int Side = RowSequence.TimeSteps;

    private readonly float[] _values = new float[Side * Side];

    public float this[int x, int y]
    {
        get => _values[(y * Side) + x];
        set => _values[(y * Side) + x] = value;
    }

    public float Max => _values.Max();

    public static Plane FromPixels(ReadOnlySpan<byte> pixels)
    {
        var plane = new Plane();
        for (int p = 0; p < pixels.Length; p++)
        {
            plane._values[p] = (float)pixels[p] / RowSequence.MaxPixel;
        }

        return plane;
    }

    /// <summary>A plane whose values a rule gives.</summary>
    /// <param name="value">The value at column x and row y.</param>
    public static Plane From(Func<int, int, float> value)
    {
        var plane = new Plane();
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                plane[x, y] = value(x, y);
            }
        }

        return plane;
    }

    /// <summary>Normal noise, independent from pixel to pixel.</summary>
    public static Plane Noise(float mean, float deviation, CounterRandom random) =>
        From((_, _) => mean + (deviation * random.NextNormal()));

    /// <summary>Weights of a Gaussian at whole pixels; their sum is 1.</summary>
    public static float[] Gaussian(int first, int count, float sigma)
    {
        float[] weights = [.. Enumerable.Range(first, count).Select(d => MathF.Exp(-d * d / (2 * sigma * sigma)))];
        float sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    public void ToPixels(Span<byte> pixels)
    {
        for (int p = 0; p < _values.Length; p++)
        {
            pixels[p] = (byte)MathF.Round(RowSequence.MaxPixel * Math.Clamp(_values[p], 0, 1));
        }
    }

    /// <summary>The value of the nearest pixel inside.</summary>
    public float Nearest(int x, int y) => this[Math.Clamp(x, 0, Side - 1), Math.Clamp(y, 0, Side - 1)];

    /// <summary>Bilinear between pixels; 0 outside.</summary>
    public float Interpolate(float x, float y)
    {
        int left = (int)MathF.Floor(x);
        int top = (int)MathF.Floor(y);
        float right = x - left;
        float bottom = y - top;
        float upper = OrZero(left, top) + (right * (OrZero(left + 1, top) - OrZero(left, top)));
        float lower = OrZero(left, top + 1) + (right * (OrZero(left + 1, top + 1) - OrZero(left, top + 1)));
        return upper + (bottom * (lower - upper));
    }

    /// <summary>Blurred by a Gaussian, the image continued as it is at its edge.</summary>
    /// <param name="sigma">Standard deviation in pixels.</param>
    public Plane Blur(float sigma)
    {
        int reach = (int)((4 * sigma) + 0.5f);
        int[] offsets = [.. Enumerable.Range(-reach, (2 * reach) + 1)];
        float[] weights = Gaussian(-reach, offsets.Length, sigma);
        Plane rows = From((x, y) => offsets.Sum(d => weights[d + reach] * Nearest(x + d, y)));
        return From((x, y) => offsets.Sum(d => weights[d + reach] * rows.Nearest(x, y + d)));
    }

    private float OrZero(int x, int y) => x is >= 0 and < Side && y is >= 0 and < Side ? this[x, y] : 0;
}
