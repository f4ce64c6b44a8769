namespace MnistLstm.Load;

/// <summary>The result of a load.</summary>
internal sealed class LoadResult
{
    public Latencies Latencies { get; } = new();

    /// <summary>Answers other than 200.</summary>
    public int Errors { get; private set; }

    public double PerSecond { get; private set; }

    public void Count(bool good, TimeSpan latency)
    {
        Latencies.Add(latency);
        Errors += good ? 0 : 1;
    }

    public static LoadResult Join(IReadOnlyCollection<LoadResult> parts, TimeSpan duration)
    {
        var whole = new LoadResult();
        foreach (LoadResult part in parts)
        {
            whole.Latencies.Add(part.Latencies);
            whole.Errors += part.Errors;
        }

        whole.PerSecond = whole.Latencies.Count / duration.TotalSeconds;
        return whole;
    }
}
