using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Playwright;

namespace MnistLstm.Page;

/// <summary>
/// Measures the drawing page from stroke to new bars; <c>bench/page.sh</c> builds, starts the service and calls it.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is not [var chromium, var address, var path, var rounds])
        {
            await Console.Error.WriteLineAsync("Usage: Page CHROMIUM URL REPORT.md ROUNDS");
            return 2;
        }

        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
        Latency[] latencies = await StrokeToBars.MeasureAsync(
            browser, new Uri(address), int.Parse(rounds, CultureInfo.InvariantCulture));
        string report = Describe(latencies, browser.Version, rounds);
        Console.Write(report);
        await File.WriteAllTextAsync(path, report);
        return 0;
    }

    private static string Describe(Latency[] latencies, string browserVersion, string rounds)
    {
        string busy = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return string.Create(CultureInfo.InvariantCulture, $"""
            # From stroke to new bars

            {Computer.Processor}, {Environment.ProcessorCount} cores, browser and service on the same ones,
            {busy} processes ready to run in the last minute; {RuntimeInformation.OSDescription},
            .NET {Environment.Version}, Chromium {browserVersion} without a display.
            Made by `bench/page.sh {rounds}`.

            A digit is drawn point by point; after each point the pen waits for the answer. Measured in the page, from
            the time that the browser gave to the pen's event, over {latencies.Length} points, in milliseconds:

            | until | p50 | p90 | p99 |
            |---|---|---|---|
            {Row("the answer is there and the bars are set", latencies, latency => latency.Set)}
            {Row("the frame with them is painted", latencies, latency => latency.Painted)}

            """);
    }

    private static string Row(string until, Latency[] latencies, Func<Latency, double> part)
    {
        double[] times = [.. latencies.Select(part)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {until} | {times.Quantile(0.5):0.0} | {times.Quantile(0.9):0.0} | {times.Quantile(0.99):0.0} |");
    }
}
