namespace MnistLstm.Trainer.Data;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014) started from a key. The
/// numbers for one purpose depend on (seed, stream, epoch, index) alone, never on earlier numbers.
/// </summary>
public struct CounterRandom
{
    private ulong _state;

    public CounterRandom(int seed, int stream, int epoch = 0, int index = 0)
    {
        _state = (uint)seed;
        _state = NextBits() ^ (uint)stream;
        _state = NextBits() ^ (uint)epoch;
        _state = NextBits() ^ (uint)index;
    }

    public ulong NextBits()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1), 24 bits.</summary>
    public float NextSingle() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [-limit, limit).</summary>
    public float NextSymmetric(float limit) => ((2 * NextSingle()) - 1) * limit;

    /// <summary>
    /// Uniform in 0 to <paramref name="exclusiveLimit"/> − 1; the bias is below 2⁻³² times the limit.
    /// </summary>
    public int NextInt(int exclusiveLimit) => (int)(((NextBits() >> 32) * (ulong)exclusiveLimit) >> 32);

    /// <summary>Normal with mean 0 and standard deviation 1 (Box and Muller, 1958).</summary>
    public float NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble())); // 1 − u is never 0
        return (float)(radius * Math.Cos(2 * Math.PI * NextDouble()));
    }

    /// <summary>Fisher–Yates shuffle.</summary>
    public void Shuffle(Span<int> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    private double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));
}
