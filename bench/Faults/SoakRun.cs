using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Faults;

/// <summary>
/// Hours of what comes in on an ordinary bad day: memory, threads and descriptors stay where they were after a while.
/// </summary>
internal static class SoakRun
{
    private const int Clients = 6;
    private const int HugeSide = 3000;

    /// <summary>A kind of request that must be answered 200.</summary>
    private const string Good = "good";

    /// <summary>The growth of resident memory after the warm-up.</summary>
    private const double AllowedGrowth = 1.05;

    /// <summary>After this, or after a sixth of a shorter run, nothing may grow any more.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Requests under way take memory for a moment, so medians over such a part of the run are compared.
    /// </summary>
    private const int WindowParts = 15;

    private const int Reports = 15;
    private static readonly TimeSpan SamplePause = TimeSpan.FromSeconds(0.5);

    public static async Task<bool> RunAsync(TimeSpan duration, string service)
    {
        using ServiceProcess process = await ServiceProcess.StartAsync(service);
        Picture[] good = Picture.Load();
        byte[] huge = GrayPng.Encode(new byte[HugeSide * HugeSide], HugeSide, HugeSide);
        byte[] speckled = new byte[HugeSide * HugeSide];
        new Random(1).NextBytes(speckled);
        byte[] hugeFile = GrayPng.Encode(speckled, HugeSide, HugeSide);
        using var client = new HttpClient { BaseAddress = process.Address, Timeout = TimeSpan.FromSeconds(60) };
        using var end = new CancellationTokenSource(duration);
        var outcomes = new ConcurrentDictionary<string, int>();

        Task[] traffic =
        [
            .. Enumerable.Range(0, Clients)
            .Select(n => AskAsync(client, good, huge, hugeFile, outcomes, new Random(n), end.Token)),
            .. Enumerable.Range(0, 20).Select(_ =>
                SlowClient.RepeatAsync(SlowClient.DripAsync, process.Address, TimeSpan.FromSeconds(1), end.Token)),
            .. Enumerable.Range(0, 3)
            .Select(_ =>
                SlowClient.RepeatAsync(SlowClient.AbortAsync, process.Address,
                    TimeSpan.FromMilliseconds(100), end.Token)),
        ];
        List<Sample> samples = [];
        long start = Stopwatch.GetTimestamp();
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(SamplePause, CancellationToken.None);
            samples.Add(new Sample(Stopwatch.GetElapsedTime(start), process.ResidentBytes, process.Threads,
                process.Descriptors));
        }

        await Task.WhenAll(traffic);
        Report(samples, outcomes);
        TimeSpan settling = Settling < duration / 6 ? Settling : duration / 6;
        Sample[] first = [.. samples.Where(s => s.Time >= settling && s.Time < settling + (duration / WindowParts))];
        Sample[] last = [.. samples.Where(s => s.Time >= duration - (duration / WindowParts))];
        double before = first.Select(s => (double)s.Resident).Median();
        double after = last.Select(s => (double)s.Resident).Median();
        Console.WriteLine(FormattableString.Invariant(
            $"Median resident after {settling.TotalSeconds:F0} s: {before / 1048576.0:F1} MiB, at the end: ")
            + FormattableString.Invariant(
                $"{after / 1048576.0:F1} MiB; most at any time: {samples.Max(s => s.Resident) / 1048576.0:F1} MiB"));
        return Promises.Hold(
            (after <= before * AllowedGrowth, "the median of resident memory grows by at most 5 %"),
            (last.Max(s => s.Threads) <= first.Max(s => s.Threads) + 4, "at most four more threads"),
            (last.Max(s => s.Descriptors) <= first.Max(s => s.Descriptors) + 20, "at most twenty more descriptors"),
            (!outcomes.Keys.Any(outcome => outcome.EndsWith(": 500", StringComparison.Ordinal)), "no answer is a 500"),
            (outcomes.Keys.All(outcome => char.IsAsciiDigit(outcome[^1])), "every request gets an answer"),
            (outcomes.Keys.Where(outcome => outcome.StartsWith($"{Good}:", StringComparison.Ordinal))
                .SequenceEqual([$"{Good}: {Answers.Ok}"]), "every good picture is answered 200"),
            (!process.HasExited, "the service keeps running"));
    }

    private static async Task AskAsync(
        HttpClient client, Picture[] good, byte[] huge, byte[] hugeFile, ConcurrentDictionary<string, int> outcomes,
        Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            byte[] picture = good[random.Next(good.Length)].File;
            (string kind, string path, byte[] body, string type) = random.Next(100) switch
            {
                < 70 => (Good, "/predict", picture, "image/png"),
                < 75 => ("explained", "/predict?explain=true", picture, "image/png"),
                < 80 => ("cut off", "/predict", picture[..random.Next(picture.Length)], "image/png"),
                < 85 => ("noise", "/predict", Noise(random), "application/octet-stream"),
                < 88 => ("no form", "/predict", Noise(random), "multipart/form-data; boundary=x"),
                < 91 => ("unknown model", "/predict?model=none", picture, "image/png"),
                < 94 => ("no tensor", "/v2/models/digits/infer", Noise(random), "application/json"),
                < 97 => ("no picture", "/predict", "text"u8.ToArray(), "text/plain"),
                < 98 => ("blank and huge", "/predict", huge, "image/png"),
                < 99 => ("speckled and huge", "/predict", hugeFile, "image/png"),
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
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return;
            }
            catch (OperationCanceledException)
            {
                outcome = "timeout";
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

        int step = Math.Max(1, samples.Count / Reports);
        foreach (Sample sample in samples.Where((_, n) => n % step == step - 1))
        {
            Console.WriteLine(FormattableString.Invariant(
                $"after {sample.Time.TotalSeconds,5:F0} s: {sample.Resident / 1048576.0,6:F1} MiB resident, ")
                + FormattableString.Invariant($"{sample.Threads} threads, {sample.Descriptors} descriptors"));
        }
    }

    private sealed record Sample(TimeSpan Time, long Resident, int Threads, int Descriptors);
}
