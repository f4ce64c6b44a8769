namespace MnistLstm.Faults;

/// <summary>
/// 500 clients that send a byte a second, half-open uploads and clients that hang up: the others notice nothing.
/// </summary>
internal static class SlowClientsRun
{
    private const int Dripping = 500;
    private const int HalfOpen = 100;
    private const int Aborting = 20;
    private const double PerSecond = 100;

    public static async Task<bool> RunAsync(TimeSpan duration, string service)
    {
        using ServiceProcess process = await ServiceProcess.StartAsync(service);
        Picture[] pictures = Picture.Load();
        using var traffic = new Traffic(process.Address, pictures);
        await Picture.LearnAsync(pictures, traffic.Client, "/predict");

        Answers before = await traffic.RunAsync(PerSecond, duration / 2);
        (int threads, int descriptors) = (process.Threads, process.Descriptors);

        using var end = new CancellationTokenSource();
        List<Task> clients =
        [
            .. Start(Dripping, SlowClient.DripAsync, TimeSpan.FromSeconds(1)),
            .. Start(HalfOpen, SlowClient.HalfOpenAsync, TimeSpan.FromSeconds(1)),
            .. Start(Aborting, SlowClient.AbortAsync, TimeSpan.FromMilliseconds(50)),
        ];
        Answers during = await traffic.RunAsync(PerSecond, duration);
        int busyThreads = process.Threads;
        await end.CancelAsync();
        await Task.WhenAll(clients);
        await Task.Delay(TimeSpan.FromSeconds(5));

        Console.WriteLine($"Alone:        {before}");
        Console.WriteLine($"Beside them:  {during}");
        Console.WriteLine(
            $"Threads {threads} before, {busyThreads} during, {process.Threads} after; descriptors {descriptors} "
            + $"before, {process.Descriptors} after");
        return Promises.Hold(
            Promises.AllRight(during),
            (process.Descriptors <= descriptors + 10, "at most ten more descriptors afterwards"));

        IEnumerable<Task> Start(int count, Func<Uri, CancellationToken, Task> behave, TimeSpan pause) =>
            Enumerable.Range(0, count).Select(_ => SlowClient.RepeatAsync(behave, process.Address, pause, end.Token));
    }
}
