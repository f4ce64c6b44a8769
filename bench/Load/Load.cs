using System.Diagnostics;

namespace MnistLstm.Load;

/// <summary>Ways to load a service.</summary>
internal static class Load
{
    /// <summary>Each connection sends its next request as soon as it has the answer.</summary>
    public static async Task<LoadResult> ClosedLoopAsync(
        Uri address, byte[][] requests, int connections, TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        LoadResult[] results = await Task.WhenAll(Enumerable.Range(0, connections).Select(c => Task.Run(async () =>
        {
            using var connection = new Connection(address);
            await connection.ConnectAsync();
            var result = new LoadResult();
            for (int i = c; Stopwatch.GetElapsedTime(start) < duration; i++)
            {
                long sent = Stopwatch.GetTimestamp();
                result.Count(await connection.ExchangeAsync(requests[i % requests.Length]),
                    Stopwatch.GetElapsedTime(sent));
            }

            return result;
        })));
        return LoadResult.Join(results, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>
    /// Requests are due at a fixed rate whatever the answers do, and the latency counts from the moment a request was
    /// due: a service that stalls is charged for everybody who had to wait (Tene, "How not to measure latency", 2015).
    /// </summary>
    public static async Task<LoadResult> OpenLoopAsync(
        Uri address, byte[][] requests, int connections, double perSecond, TimeSpan duration)
    {
        Connection[] opened = [.. Enumerable.Range(0, connections).Select(_ => new Connection(address))];
        await Task.WhenAll(opened.Select(connection => connection.ConnectAsync().AsTask()));
        var pacer = new Pacer(perSecond, duration);
        long start = Stopwatch.GetTimestamp();
        pacer.Start(start);
        LoadResult[] results = await Task.WhenAll(opened.Select((open, c) => Task.Run(async () =>
        {
            using Connection connection = open;
            var result = new LoadResult();
            int i = c;
            await foreach (TimeSpan due in pacer.Due.ReadAllAsync())
            {
                bool good = await connection.ExchangeAsync(requests[i++ % requests.Length]);
                result.Count(good, Stopwatch.GetElapsedTime(start) - due);
            }

            return result;
        })));
        return LoadResult.Join(results, Stopwatch.GetElapsedTime(start));
    }
}
