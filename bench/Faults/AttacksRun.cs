using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Faults;

/// <summary>
/// Requests that are made to exhaust the service, against the limits of its container, beside ordinary clients: memory
/// stays bounded, the others are answered, and soon after the end all is as before.
/// </summary>
internal static class AttacksRun
{
    private const long MaxResidentBytes = 400L * 1024 * 1024;
    private const double MaxSlowdown = 3;

    /// <summary>Without an attack, the p99 differs by this much from run to run.</summary>
    private const double MaxRemainder = 1.25;

    private const double PerSecond = 100;
    private const int MiB = 1024 * 1024;
    private const string FormType = "multipart/form-data; boundary=x";
    private const string Infer = "/v2/models/digits/infer";

    private const string Closed = "closed without an answer";
    private const string HungUp = "hung up";
    private const string Unfinished = "unfinished at the end";

    /// <summary>Its gigabyte arrives at once, so it may slow the others down for a moment.</summary>
    private const string StalledUploads = "17 uploads that stall at 60 of 64 MiB";

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HangUp = TimeSpan.FromMilliseconds(300);

    public static async Task<bool> RunAsync(TimeSpan duration, string service)
    {
        byte[] blank = GrayPng.Encode(new byte[7000 * 7000], 7000, 7000);
        byte[] name =
            [.. "--x\r\nContent-Disposition: form-data; name=\""u8, .. Filled(19 * MiB),
                .. "\"\r\n\r\n1\r\n--x--\r\n"u8];
        byte[] batch = Batch(blank, 16);
        byte[] halfBatch = Batch(blank, 8);
        byte[] json = [.. "{\"id\":tr"u8, .. Filled(60 * MiB)];
        byte[] segments = AttackPictures.ManySegments();
        byte[] chunks = AttackPictures.ManyChunks();
        byte[] progressive = AttackPictures.ProgressiveJpeg(6200, 5000);
        byte[] colors = AttackPictures.EqualLumaPng();
        Attack[] attacks =
        [
            new("5 forms with a field name of 19 MiB", 5, ["400"],
                (uri, end) => PostAsync(uri, "/predict", name, FormType, end)),
            new("5 JSON bodies of 60 MiB that are one word", 5, ["400", "503"],
                (uri, end) => PostAsync(uri, Infer, json, "application/json", end)),
            new(StalledUploads, 17, ["408", "503", Closed], (uri, end) => StallAsync(uri, json, end)),
            new("4 batches of 16 blank pictures of 7000x7000", 4, ["413"], (uri, end) => BatchAsync(uri, batch, end)),
            new("4 batches of 8, with a timeout of 0.5 s", 4, ["200", "503"],
                (uri, end) => BatchAsync(uri, halfBatch, end)),
            new("4 batches of 8, hung up after 0.3 s", 4, ["200", HungUp],
                (uri, end) => HangUpAsync(uri, halfBatch, end)),
            new("a JPEG of 15 million segments, compressed", 1, ["415"],
                (uri, end) => PostAsync(uri, "/predict", segments, "image/jpeg\r\nContent-Encoding: gzip", end)),
            new("a WebP of 7 million chunks", 1, ["415"],
                (uri, end) => PostAsync(uri, "/predict", chunks, "image/webp", end)),
            new("2 progressive JPEGs of 6200x5000, 4:4:4", 2, ["413"],
                (uri, end) => PostAsync(uri, "/predict", progressive, "image/jpeg", end)),
            new("2 color PNGs of 8192x6144, decoded twice", 2, ["200", "503"],
                (uri, end) => PostAsync(uri, "/predict", colors, "image/png", end)),
            new("8 color PNGs of 8192x6144, decoded twice", 8, ["200", "503"],
                (uri, end) => PostAsync(uri, "/predict", colors, "image/png", end)),
        ];

        bool held = true;
        foreach (Attack attack in attacks)
        {
            held &= await RunAsync(attack, duration, service);
        }

        return held;
    }

    private static async Task<bool> RunAsync(Attack attack, TimeSpan duration, string service)
    {
        using ServiceProcess process = await ServiceProcess.StartAsync(service);
        Picture[] pictures = Picture.Load();
        using var traffic = new Traffic(process.Address, pictures);
        await Picture.LearnAsync(pictures, traffic.Client, "/predict");
        await traffic.RunAsync(PerSecond, duration);
        Answers before = await traffic.RunAsync(PerSecond, duration);

        using var end = new CancellationTokenSource();
        var outcomes = new ConcurrentDictionary<string, int>();
        Task[] attackers =
        [
            .. Enumerable.Range(0, attack.Clients).Select(_ => Task.Run(
                () => SlowClient.RepeatAsync(
                    (uri, ended) => CountAsync(attack, uri, outcomes, ended), process.Address, Pause, end.Token))),
        ];
        Answers during = await traffic.RunAsync(PerSecond, duration);
        await end.CancelAsync();
        await Task.WhenAll(attackers);
        await Task.Delay(Recovery);
        Answers after = await traffic.RunAsync(PerSecond, duration);
        long peak = process.PeakResidentBytes;

        double usual = before.Quantile(Answers.Ok, 0.99);
        double attacked = during.Quantile(Answers.Ok, 0.99);
        double recovered = after.Quantile(Answers.Ok, 0.99);
        Console.WriteLine(FormattableString.Invariant(
            $"{attack.Name}: resident at most {peak / MiB} MiB, 10 s after the end {process.ResidentBytes / MiB}"));
        Console.WriteLine(FormattableString.Invariant(
            $"  p99 of the others {usual:F1} ms before, {attacked:F1} during, {recovered:F1} 10 s after"));
        Console.WriteLine($"  the others during: {during}");
        Console.WriteLine(
            $"  the attackers: {string.Join(", ", outcomes.Select(entry => $"{entry.Value} times {entry.Key}"))}");
        return Promises.Hold(
            (peak <= MaxResidentBytes, $"at most {MaxResidentBytes / MiB} MiB are resident"),
            Promises.AllRight(during),
            (outcomes.Keys.All(outcome => outcome == Unfinished || attack.Outcomes.Contains(outcome)),
                $"the attackers get {string.Join(" or ", attack.Outcomes)}"),
            (attack.Name == StalledUploads || attacked <= MaxSlowdown * usual,
                FormattableString.Invariant($"the p99 is at most {MaxSlowdown} times the usual during the attack")),
            (recovered <= MaxRemainder * usual,
                FormattableString.Invariant($"the p99 is at most {MaxRemainder} times the usual afterwards")));
    }

    /// <summary>Attacks once, and counts the status of the answer or what happens instead.</summary>
    private static async Task CountAsync(
        Attack attack, Uri address, ConcurrentDictionary<string, int> outcomes, CancellationToken end)
    {
        string outcome;
        try
        {
            outcome = await attack.SendAsync(address, end);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            outcome = Closed;
        }
        catch (OperationCanceledException)
        {
            outcome = end.IsCancellationRequested ? Unfinished : HungUp;
        }

        outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
    }

    private static Task<string> PostAsync(
        Uri address, string path, byte[] body, string type, CancellationToken end) =>
        SendAsync(address, path, type, body, body.Length, end);

    private static Task<string> StallAsync(Uri address, byte[] bytes, CancellationToken end) =>
        SendAsync(address, Infer, "application/octet-stream", bytes.AsMemory(0, 60 * MiB), 64 * MiB, end);

    private static Task<string> BatchAsync(Uri address, byte[] body, CancellationToken end) =>
        PostAsync(address, "/predict/batch", body, $"{FormType}\r\nRequest-Timeout: 0.5", end);

    private static byte[] Batch(byte[] picture, int count)
    {
        using var body = new MemoryStream();
        for (int n = 0; n < count; n++)
        {
            body.Write("--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.png\"\r\n\r\n"u8);
            body.Write(picture);
            body.Write("\r\n"u8);
        }

        body.Write("--x--\r\n"u8);
        return body.ToArray();
    }

    private static async Task<string> HangUpAsync(Uri address, byte[] body, CancellationToken end)
    {
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(end);
        hangUp.CancelAfter(HangUp);
        return await BatchAsync(address, body, hangUp.Token);
    }

    private static async Task<string> SendAsync(
        Uri address, string path, string type, ReadOnlyMemory<byte> body, int length, CancellationToken end)
    {
        using var client = new TcpClient { LingerState = new LingerOption(enable: true, seconds: 0) };
        await client.ConnectAsync(address.Host, address.Port, end);
        NetworkStream stream = client.GetStream();

        // The answer may come before the body's end.
        Task<string> answer = ReadAsync(stream, end);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + $"Content-Type: {type}\r\nContent-Length: {length}\r\n\r\n"),
            end);
        try
        {
            await stream.WriteAsync(body, end);
        }
        catch (IOException)
        {
        }

        return await answer;
    }

    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken end)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return (await reader.ReadLineAsync(end))?.Split(' ')[1] ?? Closed;
    }

    private static byte[] Filled(int length)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill((byte)'x');
        return bytes;
    }

    /// <param name="Name">For the report.</param>
    /// <param name="Clients">That send it at the same time, again and again.</param>
    /// <param name="Outcomes">Expected statuses; with another, the request misses what it attacks.</param>
    /// <param name="SendAsync">Returns the status of the answer.</param>
    private sealed record Attack(
        string Name, int Clients, string[] Outcomes, Func<Uri, CancellationToken, Task<string>> SendAsync);
}
