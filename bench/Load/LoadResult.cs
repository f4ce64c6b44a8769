namespace MnistLstm.Load;

/// <summary>The result of a load.</summary>
internal sealed class LoadResult
{
    /// <summary>Latencies of answers with 200.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>Other answers, and none.</summary>
    public int Errors { get; private set; }

    /// <summary>Answers with 200.</summary>
    public double PerSecond { get; private set; }

    public void Count(bool good, TimeSpan latency)
    {
        if (good)
        {
            Latencies.Add(latency);
        }
        else
        {
            Errors++;
        }
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
