using MnistLstm.Load;

namespace MnistLstm.Growth;

/// <summary>The service by the requests that are under way at the same time.</summary>
internal static class ConnectionGrowth
{
    private const int RoundCount = 3;

    private static readonly int[] Connections = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    /// <summary>From here on every core is busy, and who comes has to wait.</summary>
    private const double FitFrom = 16;

    public static async Task<Section> MeasureAsync(string service, string models)
    {
        byte[][] requests = Uploads.Png();
        using Target target = await Target.StartAsync("this service", requests[0], service, "--model-folder", models);
        await Load.Load.ClosedLoopAsync(target.Address, requests, connections: 64, WarmUp);
        var cells = new Cell[Connections.Length, RoundCount];
        for (int round = 0; round < RoundCount; round++)
        {
            for (int n = 0; n < Connections.Length; n++)
            {
                // Each round starts with another load.
                int i = (n + (round * Connections.Length / RoundCount)) % Connections.Length;
                TimeSpan before = target.CpuTime;
                LoadResult result = await Load.Load.ClosedLoopAsync(target.Address, requests, Connections[i], Duration);
                double cpu = (target.CpuTime - before).TotalMilliseconds / Math.Max(1, result.Latencies.Count);
                cells[i, round] = new Cell(result.PerSecond, cpu, result.Latencies.Quantile(0.5),
                    result.Latencies.Quantile(0.99), result.Errors);
            }
        }

        Cell[] medians = [.. Connections.Select((_, i) =>
            Median([.. Enumerable.Range(0, RoundCount).Select(round => cells[i, round])]))];
        Curve rate = Curve("28x28 PNG", medians, cell => cell.PerSecond);
        Curve p50 = Curve("median", medians, cell => cell.P50);
        Curve p99 = Curve("99th percentile", medians, cell => cell.P99);
        (double, string)[] ticks = [.. Connections.Select(count => ((double)count, $"{count}"))];
        return new Section(
            "Connections",
            "The service over HTTP, closed loop, 28x28 PNG files; the load generator takes its part of the same "
            + "cores. Once these are busy, a "
            + "constant rate has a slope of 0, and a wait that grows as those who wait has one of 1.",
            [
                ("connections-rate",
                    new LogLogChart("Requests a second by connections", "connections", "requests/s", ticks, [rate])),
                ("connections-latency",
                    new LogLogChart("Time to an answer by connections", "connections", "ms", ticks, [p50, p99])),
            ],
            [
                ["connections", "requests/s", "CPU ms a request", "p50 ms", "p99 ms", "errors"],
                .. Connections.Select((count, i) =>
                    (string[])[$"{count}", $"{medians[i].PerSecond:F0}", $"{medians[i].CpuMilliseconds:F3}",
                        $"{medians[i].P50:F2}", $"{medians[i].P99:F2}", $"{medians[i].Errors}"]),
                [$"slope from {FitFrom} on", rate.SlopeText, "", p50.SlopeText, p99.SlopeText, ""],
            ]);
    }

    private static Curve Curve(string name, Cell[] cells, Func<Cell, double> value) =>
        new(name, [.. Connections.Select((count, i) => ((double)count, value(cells[i])))], FitFrom);

    private static Cell Median(Cell[] rounds) => new(
        rounds.Select(cell => cell.PerSecond).Median(),
        rounds.Select(cell => cell.CpuMilliseconds).Median(),
        rounds.Select(cell => cell.P50).Median(),
        rounds.Select(cell => cell.P99).Median(),
        rounds.Sum(cell => cell.Errors));

    private readonly record struct Cell(double PerSecond, double CpuMilliseconds, double P50, double P99, int Errors);
}
