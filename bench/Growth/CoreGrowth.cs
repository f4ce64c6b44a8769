using MnistLstm.Load;

namespace MnistLstm.Growth;

/// <summary>The service by the cores that it may use.</summary>
internal static class CoreGrowth
{
    private const int RoundCount = 3;

    /// <summary>Enough to keep every core busy, and no queue.</summary>
    private const int ConnectionsOfCore = 16;

    private const int Images = 8;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    /// <summary>On a single core that is busy, the run time takes its time to compile what is hot.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);

    public static async Task<Section> MeasureAsync(string service, string models)
    {
        int[] cores = [.. Enumerable.Range(0, 31).Select(power => 1 << power)
            .TakeWhile(count => count < Environment.ProcessorCount).Append(Environment.ProcessorCount)];
        (string Name, byte[][] Requests)[] pictures =
            [("28x28 PNG over HTTP", Uploads.Png()), ("280x280 RGBA PNG over HTTP", Uploads.Canvas(side: 280))];
        List<Target> targets = [];
        List<InProcess> networks = [];
        var rates = new double[cores.Length, pictures.Length + 1, RoundCount + 1];
        try
        {
            foreach (int count in cores)
            {
                targets.Add(await Target.StartOnAsync(
                    count, "this service", pictures[0].Requests[0], service, "--model-folder", models));
                networks.Add(new InProcess(Path.Combine(models, "digits.onnx"), count, Images));
            }

            // The first round warms up.
            for (int round = 0; round <= RoundCount; round++)
            {
                TimeSpan duration = round == 0 ? WarmUp : Duration;
                for (int c = 0; c < cores.Length; c++)
                {
                    for (int p = 0; p < pictures.Length; p++)
                    {
                        rates[c, p, round] =
                            (await Load.Load.ClosedLoopAsync(targets[c].Address, pictures[p].Requests,
                                ConnectionsOfCore * cores[c], duration)).PerSecond;
                    }

                    rates[c, pictures.Length, round] = await networks[c].RunAsync(Duration);
                }
            }
        }
        finally
        {
            networks.ForEach(network => network.Dispose());
            targets.ForEach(target => target.Dispose());
        }

        string[] names = [.. pictures.Select(picture => picture.Name), $"network alone, batches of {Images}"];
        Curve[] curves =
            [.. names.Select((name, p) =>
                new Curve(name, [.. cores.Select((count, c) =>
                    ((double)count, Enumerable.Range(1, RoundCount).Select(round => rates[c, p, round]).Median()))]))];
        var chart = new LogLogChart(
            "Images a second by cores", "cores", "images/s",
            [.. cores.Select(count => ((double)count, $"{count}"))], curves);
        return new Section(
            "Cores",
            $"The service held to the first cores by `taskset`, so it has as many workers; closed loop, "
            + $"{ConnectionsOfCore} connections a core. The load generator may use all cores: with the last of them "
            + "it takes from the service what it costs itself. The network alone: ONNX Runtime, a thread a core.",
            [("cores", chart)],
            [
                ["cores", .. names],
                .. cores.Select((count, c) =>
                    (string[])[$"{count}", .. curves.Select(curve => $"{curve.Points[c].Y:F0}")]),
                ["slope", .. curves.Select(curve => curve.SlopeText)],
            ]);
    }
}
