using System.Reflection;

namespace MnistLstm.Load;

/// <summary>A service that was just started under full load: how soon is it as fast as it gets?</summary>
internal sealed class FirstSecondsRun(string service, string models, int rounds)
{
    private const int Connections = 16;
    private const int Windows = 4;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    public async Task RunAsync(string path)
    {
        (string Name, string[] Arguments)[] services =
        [
            ("this service", [service, "--model-folder", models]),
            ("plain ONNX Runtime service",
                [Assembly.GetExecutingAssembly().Location, "plain", Path.Combine(models, "digits.onnx")]),
        ];

        var report = new Report();
        report.Line("# The first seconds");
        report.Line();
        report.Line($"{Report.Machine}.");
        report.Line(
            $"The service: {Report.Compilation(service)}. Requests a second from the first answer on, {Connections} "
            + $"connections, closed loop, one kind of");
        report.Line($"picture; medians of {rounds} starts of each, in turns. Made by `bench/load.sh first {rounds}`.");
        report.Line();
        double seconds = Window.TotalSeconds;
        IEnumerable<string> windows =
            Enumerable.Range(0, Windows).Select(window => $"{window * seconds:F0} to {(window + 1) * seconds:F0} s");
        report.Line($"| | service | {string.Join(" | ", windows)} |");
        report.Line($"|---|---|{string.Concat(Enumerable.Repeat("---|", Windows))}");
        byte[] first = Uploads.Png()[0];
        foreach ((string pictures, byte[][] requests) in Uploads.Kinds())
        {
            var rates = services.Select(_ => new double[Windows, rounds]).ToArray();
            for (int round = 0; round < rounds; round++)
            {
                foreach (((string name, string[] arguments), double[,] own) in services.Zip(rates))
                {
                    using Target target = await Target.StartAsync(name, first, arguments);
                    for (int window = 0; window < Windows; window++)
                    {
                        own[window, round] =
                            (await Load.ClosedLoopAsync(target.Address, requests, Connections, Window)).PerSecond;
                    }
                }
            }

            foreach (((string name, _), double[,] own) in services.Zip(rates))
            {
                IEnumerable<string> medians = Enumerable.Range(0, Windows)
                    .Select(window => $"{Enumerable.Range(0, rounds).Select(round => own[window, round]).Median():F0}");
                report.Line($"| {pictures} | {name} | {string.Join(" | ", medians)} |");
            }
        }

        await report.WriteAsync(path);
    }
}
