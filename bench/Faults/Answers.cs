using System.Collections.Concurrent;

namespace MnistLstm.Faults;

/// <summary>The answers, and their times.</summary>
internal sealed class Answers
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<double>> _milliseconds = new();
    private int _wrong;
    private int _withoutRetryAfter;

    public const string Ok = "200";

    public int Sent => _milliseconds.Values.Sum(bag => bag.Count);

    /// <summary>Answered 200 with another picture's answer.</summary>
    public int Wrong => _wrong;

    /// <summary>Answered 503 or 429 without saying when to come back.</summary>
    public int WithoutRetryAfter => _withoutRetryAfter;

    public IReadOnlyDictionary<string, int> Outcomes =>
        _milliseconds.OrderBy(entry => entry.Key, StringComparer.Ordinal)
        .ToDictionary(entry => entry.Key, entry => entry.Value.Count);

    /// <param name="outcome">A status or what went wrong instead.</param>
    /// <param name="latency">From the time at which the request was due.</param>
    public void Add(string outcome, TimeSpan latency) =>
        _milliseconds.GetOrAdd(outcome, _ => []).Add(latency.TotalMilliseconds);

    public void AddWrong() => Interlocked.Increment(ref _wrong);

    public void AddWithoutRetryAfter() => Interlocked.Increment(ref _withoutRetryAfter);

    /// <returns>Milliseconds; 1 is the longest.</returns>
    public double Quantile(string outcome, double share) =>
        _milliseconds.GetValueOrDefault(outcome, []).Quantile(share);

    public override string ToString() =>
        FormattableString.Invariant($"{Sent:N0} sent; ")
        + string.Join(", ", Outcomes.Select(outcome =>
            FormattableString.Invariant($"{outcome.Key}: {outcome.Value:N0}")))
        + FormattableString.Invariant(
            $"; wrong: {Wrong}; of the 200: p50 {Quantile(Ok, 0.5):F1}, p99 {Quantile(Ok, 0.99):F1}, p99.9 ")
            + FormattableString.Invariant($"{Quantile(Ok, 0.999):F1}, longest {Quantile(Ok, 1):F1} ms");
}
