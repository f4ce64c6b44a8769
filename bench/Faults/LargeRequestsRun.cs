using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Faults;

/// <summary>
/// Pictures of 12 megapixels, then tensors of 1,024 images, without a pause: small pictures beside them do not wait for
/// their end.
/// </summary>
internal static class LargeRequestsRun
{
    private const int Width = 4000;
    private const int Height = 3000;
    private const int Images = 1024;
    private const double PerSecond = 300;

    public static async Task<bool> RunAsync(TimeSpan duration, string service)
    {
        using ServiceProcess process = await ServiceProcess.StartAsync(service);
        Picture[] pictures = Picture.Load();
        using var traffic = new Traffic(process.Address, pictures);
        await Picture.LearnAsync(pictures, traffic.Client, "/predict");
        await traffic.RunAsync(PerSecond, duration / 2);

        Answers alone = await traffic.RunAsync(PerSecond, duration / 2);
        Console.WriteLine($"Alone:                                 {alone}");
        bool photosHeld = await RunBesideAsync("4 clients with 12 megapixels:  ", clients: 4, "/predict", Photo);
        bool tensorsHeld =
            await RunBesideAsync("2 clients with 1,024 images:   ", clients: 2, "/v2/models/digits/infer", Tensor);
        return photosHeld && tensorsHeld;

        async Task<bool> RunBesideAsync(string what, int clients, string path, Func<HttpContent> large)
        {
            using var end = new CancellationTokenSource();
            var largeAnswers = new Answers();
            Task[] loops = [.. Enumerable.Range(0, clients)
                .Select(_ => AskAsync(traffic.Client, path, large(), largeAnswers, end.Token))];
            Answers small = await traffic.RunAsync(PerSecond, duration);
            await end.CancelAsync();
            await Task.WhenAll(loops);
            Console.WriteLine($"Beside {what} {small}");
            Console.WriteLine($"       these themselves:               {largeAnswers}");
            return Promises.Hold(
                Promises.AllRight(small),
                Promises.AllRight(largeAnswers),
                (small.Quantile(Answers.Ok, 0.99) < largeAnswers.Quantile(Answers.Ok, 0.5),
                    "the small pictures' p99 is below the large requests' median"));
        }
    }

    private static async Task AskAsync(
        HttpClient client, string path, HttpContent content, Answers answers, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await client.PostAsync(path, content, CancellationToken.None);
            answers.Add(((int)response.StatusCode)
                .ToString(CultureInfo.InvariantCulture), Stopwatch.GetElapsedTime(start));
        }
    }

    /// <summary>Grainy paper with a thick stroke.</summary>
    private static ByteArrayContent Photo()
    {
        byte[] pixels = new byte[Width * Height];
        new Random(1).NextBytes(pixels);
        for (int i = 0; i < pixels.Length; i++)
        {
            bool isInk = i % Width / 150 == 13 && i / Width / 1000 == 1;
            pixels[i] = (byte)((isInk ? 30 : 200) + (pixels[i] & 15));
        }

        return Content(GrayPng.Encode(pixels, Width, Height), "image/png");
    }

    private static ByteArrayContent Tensor()
    {
        int bytes = Images * RowSequence.Length * sizeof(float);
        byte[] json = Encoding.UTF8.GetBytes(
            $$$"""
            {"inputs":[{"name":"rows","shape":[{{{Images}}},28,28],"datatype":"FP32",
                "parameters":{"binary_data_size":{{{bytes}}}}}]}
            """);
        ByteArrayContent content = Content([.. json, .. new byte[bytes]], "application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", json.Length.ToString(CultureInfo.InvariantCulture));
        return content;
    }

    private static ByteArrayContent Content(byte[] body, string type)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }
}
