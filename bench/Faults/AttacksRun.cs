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
        (string Name, int Clients, Func<Uri, CancellationToken, Task> Attack)[] attacks =
        [
            ("5 forms with a field name of 19 MiB", 5, (uri, end) => PostAsync(uri, "/predict", name, FormType, end)),
            ("5 JSON bodies of 60 MiB that are one word", 5, (uri, end) => PostAsync(
                uri, Infer, json, "application/json", end)),
            (StalledUploads, 17, (uri, end) => StallAsync(uri, json, end)),
            ("4 batches of 16 blank pictures of 7000x7000", 4, (uri, end) => BatchAsync(uri, batch, end)),
            ("4 batches of 8, with a timeout of 0.5 s", 4, (uri, end) => BatchAsync(uri, halfBatch, end)),
            ("4 batches of 8, hung up after 0.3 s", 4, (uri, end) => HangUpAsync(uri, halfBatch, end)),
            ("a JPEG of 15 million segments, compressed", 1, (uri, end) => PostAsync(
                uri, "/predict", segments, "image/jpeg\r\nContent-Encoding: gzip", end)),
            ("a WebP of 7 million chunks", 1, (uri, end) => PostAsync(uri, "/predict", chunks, "image/webp", end)),
            ("2 progressive JPEGs of 6200x5000, 4:4:4", 2, (uri, end) => PostAsync(
                uri, "/predict", progressive, "image/jpeg", end)),
            ("2 color PNGs of 8192x6144, decoded twice", 2, (uri, end) => PostAsync(
                uri, "/predict", colors, "image/png", end)),
            ("8 color PNGs of 8192x6144, decoded twice", 8, (uri, end) => PostAsync(
                uri, "/predict", colors, "image/png", end)),
        ];

        bool held = true;
        foreach ((string what, int clients, Func<Uri, CancellationToken, Task> attack) in attacks)
        {
            held &= await RunAsync(what, clients, attack, duration, service);
        }

        return held;
    }

    private static async Task<bool> RunAsync(
        string what, int clients, Func<Uri, CancellationToken, Task> attack, TimeSpan duration, string service)
    {
        using ServiceProcess process = await ServiceProcess.StartAsync(service);
        Picture[] pictures = Picture.Load();
        using var traffic = new Traffic(process.Address, pictures);
        await Picture.LearnAsync(pictures, traffic.Client, "/predict");
        await traffic.RunAsync(PerSecond, duration);
        Answers before = await traffic.RunAsync(PerSecond, duration);

        using var end = new CancellationTokenSource();
        using var sampling = new CancellationTokenSource();
        Task<long> peak = SampleAsync(process, sampling.Token);
        Task[] attackers =
        [
            .. Enumerable.Range(0, clients).Select(_ => Task.Run(
                () => SlowClient.RepeatAsync(attack, process.Address, Pause, end.Token))),
        ];
        Answers during = await traffic.RunAsync(PerSecond, duration);
        await end.CancelAsync();
        await Task.WhenAll(attackers);
        await Task.Delay(Recovery);
        Answers after = await traffic.RunAsync(PerSecond, duration);
        await sampling.CancelAsync();

        double usual = before.Quantile(Answers.Ok, 0.99);
        double attacked = during.Quantile(Answers.Ok, 0.99);
        double recovered = after.Quantile(Answers.Ok, 0.99);
        Console.WriteLine(FormattableString.Invariant(
            $"{what}: resident at most {await peak / MiB} MiB, 10 s after the end {process.ResidentBytes / MiB}"));
        Console.WriteLine(FormattableString.Invariant(
            $"  p99 of the others {usual:F1} ms before, {attacked:F1} during, {recovered:F1} 10 s after"));
        Console.WriteLine($"  the others during: {during}");
        return Promises.Hold(
            (await peak <= MaxResidentBytes, $"at most {MaxResidentBytes / MiB} MiB are resident"),
            Promises.AllRight(during),
            (what == StalledUploads || attacked <= MaxSlowdown * usual,
                FormattableString.Invariant($"the p99 is at most {MaxSlowdown} times the usual during the attack")),
            (recovered <= MaxRemainder * usual,
                FormattableString.Invariant($"the p99 is at most {MaxRemainder} times the usual afterwards")));
    }

    private static async Task<long> SampleAsync(ServiceProcess process, CancellationToken end)
    {
        long most = 0;
        while (!end.IsCancellationRequested)
        {
            most = Math.Max(most, process.ResidentBytes);
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }

        return most;
    }

    private static async Task PostAsync(Uri address, string path, byte[] body, string type, CancellationToken end)
    {
        using TcpClient client = await SendHeadAsync(address, path, type, body.Length, end);
        await client.GetStream().WriteAsync(body, end);
        await ReadAsync(client, end);
    }

    private static async Task StallAsync(Uri address, byte[] bytes, CancellationToken end)
    {
        using TcpClient client = await SendHeadAsync(address, Infer, "application/octet-stream", 64 * MiB, end);
        await client.GetStream().WriteAsync(bytes.AsMemory(0, 60 * MiB), end);
        await ReadAsync(client, end);
    }

    private static Task BatchAsync(Uri address, byte[] body, CancellationToken end) =>
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

    private static async Task HangUpAsync(Uri address, byte[] body, CancellationToken end)
    {
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(end);
        hangUp.CancelAfter(HangUp);
        await BatchAsync(address, body, hangUp.Token);
    }

    private static async Task<TcpClient> SendHeadAsync(
        Uri address, string path, string type, int length, CancellationToken end)
    {
        var client = new TcpClient { LingerState = new LingerOption(enable: true, seconds: 0) };
        await client.ConnectAsync(address.Host, address.Port, end);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + $"Content-Type: {type}\r\nContent-Length: {length}\r\n\r\n"),
            end);
        return client;
    }

    private static async Task ReadAsync(TcpClient client, CancellationToken end)
    {
        byte[] buffer = new byte[64 * 1024];
        while (await client.GetStream().ReadAsync(buffer, end) > 0)
        {
        }
    }

    private static byte[] Filled(int length)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill((byte)'x');
        return bytes;
    }
}
