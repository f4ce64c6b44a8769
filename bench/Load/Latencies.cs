namespace MnistLstm.Load;

/// <summary>Latencies of requests.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];
    private bool _sorted;

    public int Count => _milliseconds.Count;

    public void Add(Latencies others) => _milliseconds.AddRange(others._milliseconds);

    public void Add(TimeSpan latency) => _milliseconds.Add(latency.TotalMilliseconds);

    /// <param name="share">0.5 is the median.</param>
    /// <returns>Milliseconds.</returns>
    public double Quantile(double share)
    {
        if (!_sorted)
        {
            _milliseconds.Sort();
            _sorted = true;
        }

        return _milliseconds.Count == 0
            ? double.NaN
            : _milliseconds[(int)Math.Min(_milliseconds.Count - 1, share * _milliseconds.Count)];
    }
}
