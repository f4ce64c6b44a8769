using MnistLstm.Trainer.Data;

namespace MnistLstm.Bench.Robustness;

/// <summary>Clouds by the diamond-square method (Fournier, Fussell and Carpenter, 1982), on a torus.</summary>
internal static class PlasmaFractal
{
    private const int Side = 256; // a power of two
    private const float FirstStep = 100;
    private const float Decay = 1.4f;

    /// <returns>A corner of the clouds; 0 and 1 are the extremes of all of them.</returns>
    public static Plane Make(ref CounterRandom random)
    {
        var height = new float[Side * Side];
        float step = FirstStep;
        for (int stride = Side; stride >= 2; stride /= 2)
        {
            int half = stride / 2;
            float jitter = step * step;
            for (int y = 0; y < Side; y += stride)
            {
                for (int x = 0; x < Side; x += stride)
                {
                    float mean = Mean(height, x, y, x + stride, y, x, y + stride, x + stride, y + stride);
                    height[At(x + half, y + half)] = mean + random.NextSymmetric(jitter);
                }
            }

            for (int y = 0; y < Side; y += half)
            {
                for (int x = y / half % 2 == 0 ? half : 0; x < Side; x += stride)
                {
                    float mean = Mean(height, x - half, y, x + half, y, x, y - half, x, y + half);
                    height[At(x, y)] = mean + random.NextSymmetric(jitter);
                }
            }

            step /= Decay;
        }

        float least = height.Min();
        float range = height.Max() - least;
        return Plane.From((x, y) => (height[At(x, y)] - least) / range);
    }

    private static int At(int x, int y) => ((y & (Side - 1)) * Side) + (x & (Side - 1));

    private static float Mean(float[] height, int x1, int y1, int x2, int y2, int x3, int y3, int x4, int y4) =>
        (height[At(x1, y1)] + height[At(x2, y2)] + height[At(x3, y3)] + height[At(x4, y4)]) / 4;
}
