namespace MnistLstm.Load;

/// <summary>Latencies of requests.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];

    public int Count => _milliseconds.Count;

    public void Add(Latencies others) => _milliseconds.AddRange(others._milliseconds);

    public void Add(TimeSpan latency) => _milliseconds.Add(latency.TotalMilliseconds);

    /// <param name="share">0.5 is the median.</param>
    /// <returns>Milliseconds.</returns>
    public double Quantile(double share) => _milliseconds.Quantile(share);
}
