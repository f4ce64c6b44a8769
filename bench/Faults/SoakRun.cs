using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using MnistLstm.Shared.Imaging;

namespace MnistLstm.Faults;

/// <summary>Hours of what comes in on an ordinary bad day: memory, threads and descriptors stay where they were after a while.</summary>
internal static class SoakRun
{
    private const int Clients = 6;
    private const int HugeSide = 3000;

    /// <summary>Of the resident memory, from the time at which the service has met everything to the end.</summary>
    private const double AllowedGrowth = 1.05;

    /// <summary>Share of the run after which nothing may grow any more.</summary>
    private const int SettlingParts = 6;

    public static async Task<bool> RunAsync(TimeSpan duration, string service)
    {
        using ServiceProcess process = await ServiceProcess.StartAsync(service);
        Picture[] good = Picture.Load();
        byte[] huge = GrayPng.Encode(new byte[HugeSide * HugeSide], HugeSide, HugeSide);
        using var client = new HttpClient { BaseAddress = process.Address, Timeout = TimeSpan.FromSeconds(60) };
        using var end = new CancellationTokenSource(duration);
        var outcomes = new ConcurrentDictionary<string, int>();

        Task[] traffic =
        [
            .. Enumerable.Range(0, Clients).Select(n => AskAsync(client, good, huge, outcomes, new Random(n), end.Token)),
            .. Enumerable.Range(0, 20).Select(_ => SlowClient.RepeatAsync(SlowClient.DripAsync, process.Address, TimeSpan.FromSeconds(1), end.Token)),
            .. Enumerable.Range(0, 3).Select(_ => SlowClient.RepeatAsync(SlowClient.AbortAsync, process.Address, TimeSpan.FromMilliseconds(100), end.Token)),
        ];
        List<Sample> samples = [];
        long start = Stopwatch.GetTimestamp();
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(duration / 60, CancellationToken.None);
            samples.Add(new Sample(Stopwatch.GetElapsedTime(start), process.ResidentBytes, process.Threads, process.Descriptors));
        }

        await Task.WhenAll(traffic);
        Report(samples, outcomes);
        Sample[] settled = [.. samples.Skip(samples.Count / SettlingParts)];
        Sample[] first = settled[..(settled.Length / 3)];
        Sample[] last = settled[^(settled.Length / 3)..];
        return last.Average(s => s.Resident) <= first.Average(s => s.Resident) * AllowedGrowth
            && last.Max(s => s.Threads) <= first.Max(s => s.Threads) + 4
            && last.Max(s => s.Descriptors) <= first.Max(s => s.Descriptors) + 20
            && !outcomes.Keys.Any(outcome => outcome.EndsWith(": 500", StringComparison.Ordinal)) && !process.HasExited;
    }

    private static async Task AskAsync(
        HttpClient client, Picture[] good, byte[] huge, ConcurrentDictionary<string, int> outcomes, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            byte[] picture = good[random.Next(good.Length)].File;
            (string kind, string path, byte[] body, string type) = random.Next(100) switch
            {
                < 70 => ("good", "/predict", picture, "image/png"),
                < 75 => ("explained", "/predict?explain=true", picture, "image/png"),
                < 80 => ("cut off", "/predict", picture[..random.Next(picture.Length)], "image/png"),
                < 85 => ("noise", "/predict", Noise(random), "application/octet-stream"),
                < 88 => ("no form", "/predict", Noise(random), "multipart/form-data; boundary=x"),
                < 91 => ("unknown model", "/predict?model=none", picture, "image/png"),
                < 94 => ("no tensor", "/v2/models/digits/infer", Noise(random), "application/json"),
                < 97 => ("no picture", "/predict", "text"u8.ToArray(), "text/plain"),
                < 99 => ("blank and huge", "/predict", huge, "image/png"),
                _ => ("metrics", "/metrics", [], ""),
            };
            string outcome;
            try
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = type.Length > 0 ? MediaTypeHeaderValue.Parse(type) : null;
                using HttpResponseMessage response = type.Length > 0
                    ? await client.PostAsync(path, content, end)
                    : await client.GetAsync(path, end);
                outcome = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (HttpRequestException e)
            {
                outcome = e.HttpRequestError.ToString();
            }

            outcomes.AddOrUpdate($"{kind}: {outcome}", 1, (_, count) => count + 1);
        }
    }

    private static byte[] Noise(Random random)
    {
        byte[] noise = new byte[random.Next(1, 20_000)];
        random.NextBytes(noise);
        return noise;
    }

    private static void Report(List<Sample> samples, ConcurrentDictionary<string, int> outcomes)
    {
        foreach ((string outcome, int count) in outcomes.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Console.WriteLine($"{outcome}, {count.ToString("N0", CultureInfo.InvariantCulture)} times");
        }

        foreach (Sample sample in samples.Where((_, n) => n % 6 == 5))
        {
            Console.WriteLine(FormattableString.Invariant(
                $"after {sample.Time.TotalSeconds,5:F0} s: {sample.Resident / 1048576.0,6:F1} MiB resident, {sample.Threads} threads, {sample.Descriptors} descriptors"));
        }
    }

    private sealed record Sample(TimeSpan Time, long Resident, int Threads, int Descriptors);
}
