using MnistLstm.Support;

namespace MnistLstm.Faults;

/// <summary>
/// Three replicas behind nginx, 200 requests a second, while one replica after another is killed, stopped, drained and
/// started again. No request may fail, and none may get another picture's answer.
/// </summary>
internal static class ReplicasRun
{
    private const int Replicas = 3;
    private const double PerSecond = 200;

    /// <summary>Longer than nginx waits for an answer, so that it has to ask another replica.</summary>
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(14);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static async Task<bool> RunAsync(TimeSpan duration, string service, string configuration)
    {
        var replicas = new ServiceProcess[Replicas];
        try
        {
            for (int n = 0; n < Replicas; n++)
            {
                replicas[n] = await ServiceProcess.StartAsync(
                    service, "--workers", "1", "--shutdown-grace", "2s", "--request-timeout", "10s");
            }

            using Nginx nginx = await Nginx.StartAsync(
                "nginx", configuration, [.. replicas.Select(replica => replica.Port)]);
            Picture[] pictures = Picture.Load();
            using var traffic = new Traffic(nginx.Address, pictures);
            await Picture.LearnAsync(pictures, traffic.Client, "/predict");

            using var end = new CancellationTokenSource();
            var faults = new Dictionary<string, int> { ["killed"] = 0, ["frozen"] = 0, ["drained"] = 0 };
            Task disturbing = DisturbAsync(replicas, faults, end.Token);
            Answers answers = await traffic.RunAsync(PerSecond, duration);
            await end.CancelAsync();
            await disturbing;

            Console.WriteLine(answers);
            Console.WriteLine(
                $"Replicas {string.Join(", ", faults.Select(fault => $"{fault.Key} {fault.Value} times"))}.");
            return Promises.Hold(
                Promises.AllRight(answers),
                (faults.Values.All(count => count > 0), "every kind of fault happens; the run may be too short"));
        }
        finally
        {
            foreach (ServiceProcess replica in replicas.Where(replica => replica is not null))
            {
                replica.Dispose();
            }
        }
    }

    private static async Task DisturbAsync(
        ServiceProcess[] replicas, Dictionary<string, int> faults, CancellationToken end)
    {
        for (int n = 0; !end.IsCancellationRequested; n++)
        {
            ServiceProcess replica = replicas[n % replicas.Length];
            await Task.Delay(Pause, CancellationToken.None);

            // Within nine rounds, each replica has each fault.
            switch ((n + (n / replicas.Length)) % faults.Count)
            {
                case 0:
                    replica.Signal(Posix.Kill);
                    await replica.ExitAsync();
                    faults["killed"]++;
                    await Task.Delay(Pause, CancellationToken.None);
                    await replica.RestartAsync();
                    break;
                case 1:
                    replica.Signal(Posix.Stop);
                    await Task.Delay(Frozen, CancellationToken.None);
                    replica.Signal(Posix.Continue);
                    faults["frozen"]++;
                    break;
                default:
                    replica.Signal(Posix.Terminate);
                    int exitCode = await replica.ExitAsync();
                    faults["drained"] += exitCode == 0
                        ? 1
                        : throw new InvalidOperationException($"A drained replica ended with {exitCode}.");
                    await replica.RestartAsync();
                    break;
            }
        }
    }
}
