using System.Reflection;

namespace MnistLstm.Load;

/// <summary>
/// The service beside the floor and the plain service, in interleaved rounds, so that a busy moment hits all of them.
/// </summary>
internal sealed class Comparison(string service, string models, int rounds, TimeSpan duration)
{
    private const int MostConnections = 64;

    /// <summary>The share of the service's own capacity with the most connections.</summary>
    private const double OpenLoopShare = 0.5;

    /// <summary>Below, a 99.9th percentile would be among the ten largest latencies.</summary>
    private const int LeastForP999 = 10_000;

    /// <summary>Connections of the closed loops; then comes the open one.</summary>
    private static readonly int[] Connections = [1, 8, MostConnections];

    /// <summary>Time for each kind of pictures; all kinds together warm a service up.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    private readonly Report _report = new();

    public async Task RunAsync(string path)
    {
        string self = Assembly.GetExecutingAssembly().Location;
        byte[] first = Uploads.Png()[0];
        using Target ours = await Target.StartAsync("this service", first, service, "--model-folder", models);
        using Target plain = await Target.StartAsync(
            "plain ONNX Runtime service", first, self, "plain", Path.Combine(models, "digits.onnx"));
        using Target floor = await Target.StartAsync("constant answer", first, self, "floor");
        Target[] targets = [ours, plain, floor];

        _report.Line("# Load");
        _report.Line();
        _report.Line($"{Report.Machine}.");
        _report.Line(
            $"Medians of {rounds} interleaved rounds of {duration.TotalSeconds} s; made by `bench/load.sh {rounds} "
            + $"{duration.TotalSeconds:F0}`.");
        _report.Line($"The service: {Report.Compilation(service)}. The others: {Report.Compilation(self)}.");
        _report.Line(
            $"The p99.9 is over all rounds together, where these have more than {LeastForP999:N0} answers.");
        (string Pictures, byte[][] Requests)[] kinds = Uploads.Kinds();
        foreach (Target target in targets)
        {
            foreach ((_, byte[][] requests) in kinds)
            {
                await Load.ClosedLoopAsync(target.Address, requests, MostConnections, WarmUp);
            }
        }

        foreach ((string pictures, byte[][] requests) in kinds)
        {
            await CompareAsync(pictures, requests, targets);
        }

        _report.Line();
        _report.Line("## Start and memory");
        _report.Line();
        _report.Line("| | start to first answer | peak memory (RSS) |");
        _report.Line("|---|---|---|");
        foreach (Target target in targets)
        {
            _report.Line($"| {target.Name} | {target.StartUp.TotalMilliseconds:F0} ms | {target.PeakMiB} MiB |");
        }

        await _report.WriteAsync(path);
    }

    private async Task CompareAsync(string pictures, byte[][] requests, Target[] targets)
    {
        _report.Line();
        _report.Line($"## {pictures}, {requests.Average(request => request.Length) / 1000:F1} kB a request");
        _report.Line();
        _report.Line(
            "| load | service | requests/s | of the plain service's | CPU ms a request | p50 ms | p99 ms | p99.9 ms | "
            + "errors |");
        _report.Line("|---|---|---|---|---|---|---|---|---|");
        int loads = Connections.Length + 1;
        Cell[][][] cells = [.. Enumerable.Range(0, loads).Select(_ => targets.Select(_ => new Cell[rounds]).ToArray())];
        BatchSizes[] sizes = [.. cells.Select(_ => new BatchSizes())];
        double rate = 0;
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < loads; i++)
            {
                // Each round starts with another load and another service.
                int load = (i + round) % loads;
                BatchSizes begun = await BatchSizes.ReadAsync(targets[0].Address);
                for (int j = 0; j < targets.Length; j++)
                {
                    int t = (j + round) % targets.Length;
                    cells[load][t][round] = await MeasureAsync(targets[t], () => load < Connections.Length
                        ? Load.ClosedLoopAsync(targets[t].Address, requests, Connections[load], duration)
                        : Load.OpenLoopAsync(targets[t].Address, requests, MostConnections, rate, duration));
                }

                sizes[load].Add(begun, await BatchSizes.ReadAsync(targets[0].Address));
                if (rate == 0 && Connections.ElementAtOrDefault(load) == MostConnections)
                {
                    rate = OpenLoopShare * cells[load][0][round].PerSecond;
                }
            }
        }

        string[] names = [.. Connections.Select(count => $"{count} at a time, closed"), $"{rate:F0}/s, open"];
        foreach ((string name, Cell[][] own) in names.Zip(cells))
        {
            Write(name, targets, own);
        }

        _report.Line();
        _report.Line("Images that this service computed in batches of:");
        _report.Line();
        _report.Line(BatchSizes.Head);
        foreach ((string name, BatchSizes own) in names.Zip(sizes))
        {
            _report.Line(own.Row(name));
        }
    }

    private static async Task<Cell> MeasureAsync(Target target, Func<Task<LoadResult>> load)
    {
        TimeSpan before = target.CpuTime;
        LoadResult result = await load();
        TimeSpan cpu = target.CpuTime - before;
        return new Cell(
            result.PerSecond, cpu.TotalMilliseconds / Math.Max(1, result.Latencies.Count), result.Latencies,
            result.Errors);
    }

    private void Write(string load, Target[] targets, Cell[][] cells)
    {
        for (int t = 0; t < targets.Length; t++)
        {
            Cell[] own = cells[t];
            double ratio = own.Zip(cells[1], (a, b) => a.PerSecond / b.PerSecond).Median();
            var pooled = new Latencies();
            Array.ForEach(own, cell => pooled.Add(cell.Latencies));
            string p999 = pooled.Count > LeastForP999 ? $"{pooled.Quantile(0.999):F2}" : "";
            _report.Line(
                $"| {load} | {targets[t].Name} | {Median(c => c.PerSecond):F0} | {ratio:F2} x | "
                + $"{Median(c => c.CpuMilliseconds):F3} | {Median(c => c.Latencies.Quantile(0.5)):F2} | "
                + $"{Median(c => c.Latencies.Quantile(0.99)):F2} | {p999} | {own.Sum(c => c.Errors)} |");

            double Median(Func<Cell, double> value) => own.Select(value).Median();
        }
    }

    /// <summary>One load of one service in one round.</summary>
    private readonly record struct Cell(double PerSecond, double CpuMilliseconds, Latencies Latencies, int Errors);
}
