using System.Numerics;
using System.Text.Json;

namespace MnistLstm.Load;

/// <summary>Runs of the network by the number of their images, as the service's own statistics count them.</summary>
internal sealed class BatchSizes
{
    private readonly SortedDictionary<int, long> _runs = [];

    /// <summary>Powers of two up to the largest batch that a worker takes.</summary>
    private static readonly int[] Ranges = [1, 2, 4, 8, 16, 32];

    public static string Head =>
        $"| load | images a run | {string.Join(" | ", Ranges.Select(RangeName))} |\n"
        + $"|---|---|{string.Concat(Ranges.Select(_ => "---|"))}";

    /// <summary>Those since the service was started.</summary>
    public static async Task<BatchSizes> ReadAsync(Uri service)
    {
        using var client = new HttpClient { BaseAddress = service };
        using JsonDocument answer = JsonDocument.Parse(await client.GetByteArrayAsync("/v2/models/digits/stats"));
        var sizes = new BatchSizes();
        foreach (JsonElement batch in answer.RootElement.GetProperty("model_stats")[0].GetProperty("batch_stats")
            .EnumerateArray())
        {
            sizes._runs[batch.GetProperty("batch_size").GetInt32()] = batch.GetProperty("compute_infer")
                .GetProperty("count").GetInt64();
        }

        return sizes;
    }

    /// <summary>Adds what was counted between two moments.</summary>
    public void Add(BatchSizes before, BatchSizes after)
    {
        foreach ((int size, long runs) in after._runs)
        {
            _runs[size] = _runs.GetValueOrDefault(size) + runs - before._runs.GetValueOrDefault(size);
        }
    }

    /// <summary>The share of images that were computed in runs of each size.</summary>
    public string Row(string load)
    {
        double images = _runs.Sum(run => run.Key * run.Value);
        IEnumerable<string> shares = Ranges.Select(range =>
        {
            double inRange = _runs
                .Where(run => BitOperations.Log2((uint)run.Key) == BitOperations.Log2((uint)range))
                .Sum(run => run.Key * run.Value);
            return $"{100 * inRange / images:F0} %";
        });
        return $"| {load} | {images / _runs.Values.Sum():F1} | {string.Join(" | ", shares)} |";
    }

    private static string RangeName(int least) => least switch
    {
        1 => "alone",
        _ when least == Ranges[^1] => $"{least}",
        _ => $"{least} to {(2 * least) - 1}",
    };
}
