using System.Diagnostics;
using System.Net;

namespace MnistLstm.Faults;

/// <summary>
/// Three times the requests that the service can answer. Those that it takes are answered about as fast as ever, the
/// rest get an immediate 503; memory stays bounded, and afterwards everything is as before.
/// </summary>
internal static class OverloadRun
{
    /// <summary>
    /// Every picture is read row by row, 28 images for the network: it is the network that is the limit.
    /// </summary>
    private const string Path = "/predict?explain=true";

    /// <summary>Images that may wait for one worker, if nothing else is set.</summary>
    private const int QueueLength = 512;

    private const int ImagesPerRequest = 28;
    private const int Clients = 8;
    private static readonly TimeSpan Unloaded = TimeSpan.FromSeconds(5);

    /// <summary>Long enough for the run time to compile nearly everything.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    public static async Task<bool> RunAsync(TimeSpan duration, string service)
    {
        using ServiceProcess process = await ServiceProcess.StartAsync(service, "--workers", "1");
        Picture[] pictures = Picture.Load();
        using var traffic = new Traffic(process.Address, pictures, Path);
        await Picture.LearnAsync(pictures, traffic.Client, Path);

        await MeasureCapacityAsync(traffic.Client, pictures, WarmUp);
        double capacity = await MeasureCapacityAsync(traffic.Client, pictures, Unloaded);
        Answers before = await traffic.RunAsync(capacity / 10, Unloaded);
        long memoryBefore = process.ResidentBytes;
        Answers during = await traffic.RunAsync(capacity * 3, duration);
        long memoryAfter = process.ResidentBytes;
        await Task.Delay(TimeSpan.FromSeconds(1));
        Answers after = await traffic.RunAsync(capacity / 10, Unloaded);
        double capacityAfter = await MeasureCapacityAsync(traffic.Client, pictures, Unloaded);

        double queueBound = QueueLength / (capacity * ImagesPerRequest) * 1000;
        double unloadedP99 = before.Quantile(Answers.Ok, 0.99);
        Console.WriteLine(
            FormattableString.Invariant(
                $"Capacity {capacity:F0} requests/s before, {capacityAfter:F0} after; a full queue is {queueBound:F0} ")
                + FormattableString.Invariant($"ms of work"));
        Console.WriteLine($"At a tenth of it: {before}");
        Console.WriteLine($"At three times:   {during}");
        Console.WriteLine(FormattableString.Invariant(
            $"  refused 503: p50 {during.Quantile("503", 0.5):F1}, p99 {during.Quantile("503", 0.99):F1} ms; ")
            + $"without Retry-After: {during.WithoutRetryAfter}");
        Console.WriteLine($"1 s afterwards:   {after}");
        Console.WriteLine(
            FormattableString.Invariant($"Resident: {memoryBefore >> 20} MiB before, {memoryAfter >> 20} MiB after"));
        double bound = (2 * unloadedP99) + queueBound;
        return Promises.Hold(
            (during.Wrong == 0, "no request gets another picture's answer"),
            (during.WithoutRetryAfter == 0, "every refusal has Retry-After"),
            (during.Outcomes.Keys.All(outcome => outcome is Answers.Ok or "503" or "429"),
                "every request is answered or refused with 503 or 429"),
            (during.Quantile(Answers.Ok, 0.99) <= bound,
                FormattableString.Invariant($"the p99 of the answered requests is at most {bound:F1} ms")),
            Promises.AllRight(after));
    }

    /// <summary>A closed loop: as much as is answered while a few clients ask all the time.</summary>
    /// <returns>Answers with 200 a second.</returns>
    private static async Task<double> MeasureCapacityAsync(HttpClient client, Picture[] pictures, TimeSpan duration)
    {
        int sent = 0;
        int answered = 0;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                Picture picture = pictures[Interlocked.Increment(ref sent) % pictures.Length];
                using HttpResponseMessage response = await client.PostAsync(Path, picture.Content());
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    Interlocked.Increment(ref answered);
                }
            }
        }));
        return answered / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
