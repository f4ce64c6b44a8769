namespace MnistLstm.Load;

/// <summary>The service alone, every kind of picture mixed, for many minutes: is the last one as the first?</summary>
internal sealed class FlatRun(string service, string models, int minutes)
{
    private const int Connections = 64;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    public async Task RunAsync(string path)
    {
        byte[][] requests = [.. Uploads.Png().Zip(Uploads.Canvas(side: 280), Uploads.Photo(width: 1024, height: 768))
            .SelectMany(kinds => (byte[][])[kinds.First, kinds.Second, kinds.Third])];
        using Target target = await Target.StartAsync("this service", requests[0], service, "--model-folder", models);
        var report = new Report();
        report.Line("# The same load for a long time");
        report.Line();
        report.Line($"{Report.Machine}.");
        report.Line(
            $"The service: {Report.Compilation(service)}. {Connections} connections, closed loop; in turns a 28x28 "
            + $"PNG, a 280x280 RGBA PNG and a");
        report.Line($"1024x768 JPEG. Made by `bench/load.sh flat {minutes}`. Ready with {target.ResidentMiB:F0} MiB.");
        report.Line();
        report.Line(
            "| minute | requests/s | CPU ms a request | p50 ms | p99 ms | memory (RSS) at its end | peak so far | "
            + "errors |");
        report.Line("|---|---|---|---|---|---|---|---|");
        double[] resident = new double[minutes];
        for (int minute = 0; minute < minutes; minute++)
        {
            TimeSpan before = target.CpuTime;
            LoadResult result = await Load.ClosedLoopAsync(target.Address, requests, Connections, Interval);
            double cpu = (target.CpuTime - before).TotalMilliseconds / Math.Max(1, result.Latencies.Count);
            resident[minute] = target.ResidentMiB;
            report.Line(
                $"| {minute + 1} | {result.PerSecond:F0} | {cpu:F3} | {result.Latencies.Quantile(0.5):F2} | "
                + $"{result.Latencies.Quantile(0.99):F2} | {resident[minute]:F1} MiB | {target.PeakMiB} MiB | "
                + $"{result.Errors} |");
        }

        if (minutes > 1)
        {
            report.Line();
            report.Line(
                $"From the end of the first minute to the end of the last one, memory changed by "
                + $"{resident[^1] - resident[0]:+0.0;−0.0;0} MiB.");
        }

        await report.WriteAsync(path);
    }
}
