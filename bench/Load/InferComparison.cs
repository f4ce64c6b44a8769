using System.Diagnostics;

namespace MnistLstm.Load;

/// <summary>
/// Batches over the Open Inference Protocol's binary form beside ONNX Runtime in a process of its own without any HTTP,
/// in interleaved rounds. The load generator computes on the same cores as the service, and the comparison is charged
/// with it.
/// </summary>
internal sealed class InferComparison(string service, string models, int rounds, TimeSpan duration)
{
    /// <summary>Images in a request, and in a run of the network.</summary>
    private const int Images = 32;

    /// <summary>Requests after which the run time has compiled everything for good.</summary>
    private const int WarmUps = 5_000;

    private static readonly TimeSpan MaxWarmUp = TimeSpan.FromMinutes(1);

    private static readonly int[] Connections = [2, 4, 8];

    private readonly Report _report = new();

    public async Task RunAsync(string path)
    {
        byte[][] requests = Uploads.BinaryInfer(Images);
        using var inProcess = new InProcess(Path.Combine(models, "digits.onnx"), Environment.ProcessorCount, Images);
        int grpcPort = Computer.FreePort();
        using Target target = await Target.StartAsync(
            "infer", requests[0], service, "--model-folder", models, "--grpc-port", $"{grpcPort}");
        await WarmUpAsync(target, requests);
        await inProcess.RunAsync(duration);

        _report.Line("# Batches by the Open Inference Protocol");
        _report.Line();
        _report.Line($"{Report.Machine}.");
        _report.Line($"The service: {Report.Compilation(service)}.");
        _report.Line(
            $"{Images} images a request as raw FP32, probabilities raw. Medians of {rounds} interleaved rounds of "
            + $"{duration.TotalSeconds} s; made by `bench/infer.sh {rounds} {duration.TotalSeconds:F0}`.");
        _report.Line(
            "In process: ONNX Runtime alone, one thread a core, preallocated tensors, nothing copied. CPU time is of a "
            + "batch, on all cores.");
        _report.Line(
            "Its first ratio is to the service with the load generator, the second to the service alone. On a busy "
            + "machine, trust these ratios.");
        _report.Line();
        _report.Line(
            "| connections | images/s over HTTP | in process | ratio (least to most) | CPU ms, service + generator | "
            + "in process | ratio (least to most) | to the service alone | p50 ms | p99 ms | errors |");
        _report.Line("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (int connections in Connections)
        {
            await CompareAsync(target, inProcess, requests, connections);
        }

        var grpc = new GrpcComparison(target, grpcPort, Images);
        await grpc.RunAsync(_report, rounds, duration);
        await _report.WriteAsync(path);
    }

    private async Task WarmUpAsync(Target target, byte[][] requests)
    {
        long start = Stopwatch.GetTimestamp();
        for (int count = 0; count < WarmUps && Stopwatch.GetElapsedTime(start) < MaxWarmUp;)
        {
            count += (await Load.ClosedLoopAsync(target.Address, requests, connections: 8, duration)).Latencies.Count;
        }
    }

    private async Task CompareAsync(Target target, InProcess inProcess, byte[][] requests, int connections)
    {
        var cells = new Cell[rounds];
        for (int round = 0; round < rounds; round++)
        {
            // The one that goes first changes, so that a machine that slows down or speeds up favors neither.
            Cell alone = round % 2 == 0 ? await MeasureAloneAsync(inProcess) : default;
            Cell cell = await MeasureHttpAsync(target, requests, connections);
            alone = round % 2 == 0 ? alone : await MeasureAloneAsync(inProcess);
            cells[round] = cell with { InProcess = alone.InProcess, InProcessCpu = alone.InProcessCpu };
        }

        string rate = Ratio(cells.Select(cell => cell.Http / cell.InProcess));
        string cpu = Ratio(cells.Select(cell => cell.InProcessCpu / (cell.ServiceCpu + cell.GeneratorCpu)));
        string service = Ratio(cells.Select(cell => cell.InProcessCpu / cell.ServiceCpu));
        _report.Line(
            $"| {connections} | {Median(cell => cell.Http):F0} | {Median(cell => cell.InProcess):F0} | {rate} | "
            + $"{Median(cell => cell.ServiceCpu):F2} + {Median(cell => cell.GeneratorCpu):F2} | "
            + $"{Median(cell => cell.InProcessCpu):F2} | {cpu} | {service} | {Median(cell => cell.P50):F2} | "
            + $"{Median(cell => cell.P99):F2} | {cells.Sum(cell => cell.Errors)} |");

        double Median(Func<Cell, double> value) => cells.Select(value).Median();
    }

    private async Task<Cell> MeasureAloneAsync(InProcess inProcess)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        double rate = await inProcess.RunAsync(duration);
        TimeSpan cpu = Environment.CpuUsage.TotalTime - before;
        return new Cell
        {
            InProcess = rate,
            InProcessCpu = cpu.TotalMilliseconds / (rate * duration.TotalSeconds) * Images,
        };
    }

    private async Task<Cell> MeasureHttpAsync(Target target, byte[][] requests, int connections)
    {
        TimeSpan service = target.CpuTime;
        TimeSpan generator = Environment.CpuUsage.TotalTime;
        LoadResult result = await Load.ClosedLoopAsync(target.Address, requests, connections, duration);
        service = target.CpuTime - service;
        generator = Environment.CpuUsage.TotalTime - generator;
        int count = Math.Max(1, result.Latencies.Count);
        return new Cell
        {
            Http = result.PerSecond * Images,
            ServiceCpu = service.TotalMilliseconds / count,
            GeneratorCpu = generator.TotalMilliseconds / count,
            P50 = result.Latencies.Quantile(0.5),
            P99 = result.Latencies.Quantile(0.99),
            Errors = result.Errors,
        };
    }

    private static string Ratio(IEnumerable<double> rounds)
    {
        double[] ratios = [.. rounds];
        return $"{ratios.Median():F2} ({ratios.Min():F2} to {ratios.Max():F2})";
    }

    /// <summary>One round: images a second, and milliseconds.</summary>
    private readonly record struct Cell(
        double Http, double InProcess, double ServiceCpu, double GeneratorCpu, double InProcessCpu, double P50,
        double P99, int Errors);
}
