using System.Reflection;

namespace MnistLstm.Load;

/// <summary>
/// The service beside the floor and the plain service, in interleaved rounds, so that a busy moment hits all of them.
/// </summary>
internal sealed class Comparison(string service, string models, int rounds, TimeSpan duration)
{
    private static readonly int[] Connections = [1, 8, 64];

    /// <summary>The share of the service's own capacity with 64 connections.</summary>
    private const double OpenLoopShare = 0.5;

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
        foreach ((string pictures, byte[][] requests) in Uploads.Kinds())
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
        foreach (Target target in targets)
        {
            await Load.ClosedLoopAsync(target.Address, requests, connections: 64, duration);
        }

        _report.Line();
        _report.Line($"## {pictures}, {requests.Average(request => request.Length) / 1000:F1} kB a request");
        _report.Line();
        _report.Line(
            "| load | service | requests/s | of the plain service's | CPU ms a request | p50 ms | p99 ms | p99.9 ms | "
            + "errors |");
        _report.Line("|---|---|---|---|---|---|---|---|---|");
        double capacity = 0;
        List<string> histogram = [];
        foreach (int connections in Connections)
        {
            (Cell[][] cells, BatchSizes sizes) = await RunRoundsAsync(targets, target =>
                Load.ClosedLoopAsync(target.Address, requests, connections, duration));
            Write($"{connections} at a time, closed", targets, cells);
            histogram.Add(sizes.Row($"{connections} at a time, closed"));
            capacity = cells[0].Select(cell => cell.PerSecond).Median();
        }

        double rate = capacity * OpenLoopShare;
        (Cell[][] open, BatchSizes openSizes) = await RunRoundsAsync(targets, target =>
            Load.OpenLoopAsync(target.Address, requests, connections: 64, rate, duration));
        Write($"{rate:F0}/s, open", targets, open);
        histogram.Add(openSizes.Row($"{rate:F0}/s, open"));

        _report.Line();
        _report.Line("Images that this service computed in batches of:");
        _report.Line();
        _report.Line(BatchSizes.Head);
        histogram.ForEach(_report.Line);
    }

    /// <returns>The results of each target in each round, and the batches of the first target, the service.</returns>
    private async Task<(Cell[][] Cells, BatchSizes Sizes)> RunRoundsAsync(
        Target[] targets, Func<Target, Task<LoadResult>> load)
    {
        Cell[][] cells = [.. targets.Select(_ => new Cell[rounds])];
        var sizes = new BatchSizes();
        for (int round = 0; round < rounds; round++)
        {
            BatchSizes begun = await BatchSizes.ReadAsync(targets[0].Address);
            for (int i = 0; i < targets.Length; i++)
            {
                int t = (i + round) % targets.Length;
                TimeSpan before = targets[t].CpuTime;
                LoadResult result = await load(targets[t]);
                TimeSpan cpu = targets[t].CpuTime - before;
                cells[t][round] = new Cell(
                    result.PerSecond,
                    cpu.TotalMilliseconds / Math.Max(1, result.Latencies.Count),
                    result.Latencies.Quantile(0.5),
                    result.Latencies.Quantile(0.99),
                    result.Latencies.Quantile(0.999),
                    result.Errors);
            }

            sizes.Add(begun, await BatchSizes.ReadAsync(targets[0].Address));
        }

        return (cells, sizes);
    }

    private void Write(string load, Target[] targets, Cell[][] cells)
    {
        for (int t = 0; t < targets.Length; t++)
        {
            Cell[] own = cells[t];
            double ratio = own.Zip(cells[1], (a, b) => a.PerSecond / b.PerSecond).Median();
            _report.Line(
                $"| {load} | {targets[t].Name} | {Median(c => c.PerSecond):F0} | {ratio:F2} x | "
                + $"{Median(c => c.CpuMilliseconds):F3} | {Median(c => c.P50):F2} | {Median(c => c.P99):F2} | "
                + $"{Median(c => c.P999):F2} | {own.Sum(c => c.Errors)} |");

            double Median(Func<Cell, double> value) => own.Select(value).Median();
        }
    }

    /// <summary>One load of one service in one round; milliseconds.</summary>
    private readonly record struct Cell(
        double PerSecond, double CpuMilliseconds, double P50, double P99, double P999, int Errors);
}
