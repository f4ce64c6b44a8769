using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace MnistLstm.Load;

/// <summary>The service beside the floor and the plain service, in interleaved rounds, so that a busy moment hits all of them.</summary>
internal sealed class Comparison(string service, string models, int rounds, TimeSpan duration)
{
    private static readonly int[] Connections = [1, 8, 64];
    private static readonly (string Name, int Scale)[] Pictures = [("28x28 PNG", 1), ("280x280 PNG", 10)];

    /// <summary>Of the service's own capacity with 64 connections.</summary>
    private const double OpenLoopShare = 0.5;

    private readonly StringBuilder _report = new();

    public async Task RunAsync(string path)
    {
        string self = Assembly.GetExecutingAssembly().Location;
        byte[] first = Uploads.Png(scale: 1)[0];
        using Target ours = await Target.StartAsync("this service", first, service, "--model-folder", models);
        using Target plain = await Target.StartAsync("plain ONNX Runtime service", first, self, "plain", Path.Combine(models, "digits.onnx"));
        using Target floor = await Target.StartAsync("constant answer", first, self, "floor");
        Target[] targets = [ours, plain, floor];

        Line("# Load");
        Line();
        Line(Invariant($"{Processor()}, {Environment.ProcessorCount} cores, load generator on the same ones; {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}."));
        Line(Invariant($"Medians of {rounds} interleaved rounds of {duration.TotalSeconds} s; made by `bench/load.sh {rounds} {duration.TotalSeconds:F0}`."));
        foreach ((string name, int scale) in Pictures)
        {
            await CompareAsync(name, Uploads.Png(scale), targets);
        }

        Line();
        Line("| | start to first answer | peak memory |");
        Line("|---|---|---|");
        foreach (Target target in targets)
        {
            Line(Invariant($"| {target.Name} | {target.StartUp.TotalMilliseconds:F0} ms | {target.PeakMiB} MiB |"));
        }

        string partial = path + ".partial";
        await File.WriteAllTextAsync(partial, _report.ToString());
        File.Move(partial, path, overwrite: true);
    }

    private async Task CompareAsync(string pictures, byte[][] requests, Target[] targets)
    {
        foreach (Target target in targets)
        {
            await Load.ClosedLoopAsync(target.Address, requests, connections: 64, duration);
        }

        Line();
        Line($"## {pictures}");
        Line();
        Line("| load | service | requests/s | of the plain service's | CPU ms a request | p50 ms | p99 ms | p99.9 ms | errors |");
        Line("|---|---|---|---|---|---|---|---|---|");
        double capacity = 0;
        foreach (int connections in Connections)
        {
            Cell[][] cells = await RunRoundsAsync(targets, target => Load.ClosedLoopAsync(target.Address, requests, connections, duration));
            Write($"{connections} at a time, closed", targets, cells);
            capacity = Median(cells[0].Select(cell => cell.PerSecond));
        }

        double rate = capacity * OpenLoopShare;
        Cell[][] open = await RunRoundsAsync(targets, target => Load.OpenLoopAsync(target.Address, requests, connections: 64, rate, duration));
        Write(Invariant($"{rate:F0}/s, open"), targets, open);
    }

    private async Task<Cell[][]> RunRoundsAsync(Target[] targets, Func<Target, Task<LoadResult>> load)
    {
        Cell[][] cells = [.. targets.Select(_ => new Cell[rounds])];
        for (int round = 0; round < rounds; round++)
        {
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
        }

        return cells;
    }

    private void Write(string load, Target[] targets, Cell[][] cells)
    {
        for (int t = 0; t < targets.Length; t++)
        {
            Cell[] own = cells[t];
            double ratio = Median(own.Zip(cells[1], (a, b) => a.PerSecond / b.PerSecond));
            Line(Invariant($"| {load} | {targets[t].Name} | {Median(own.Select(c => c.PerSecond)):F0} | {ratio:F2} x | {Median(own.Select(c => c.CpuMilliseconds)):F3} | {Median(own.Select(c => c.P50)):F2} | {Median(own.Select(c => c.P99)):F2} | {Median(own.Select(c => c.P999)):F2} | {own.Sum(c => c.Errors)} |"));
        }
    }

    private void Line(string text = "")
    {
        Console.WriteLine(text);
        _report.Append(text).Append('\n');
    }

    internal static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    internal static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[1]
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>One load of one service in one round; milliseconds.</summary>
    private readonly record struct Cell(double PerSecond, double CpuMilliseconds, double P50, double P99, double P999, int Errors);
}
