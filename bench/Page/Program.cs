using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Playwright;

namespace MnistLstm.Page;

/// <summary>
/// Measures the drawing page from stroke to new bars; <c>bench/page.sh</c> builds, starts the service and calls it.
/// </summary>
internal static class Program
{
    private const string Usage = "Usage: Page CHROMIUM URL REPORT.md [ROUNDS]";

    public static async Task<int> Main(string[] args)
    {
        if (args.Length is < 3 or > 4)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        int rounds = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 5;
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = args[0],
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
        Latency[] latencies = await StrokeToBars.MeasureAsync(browser, new Uri(args[1]), rounds);
        string report = Describe(latencies, browser.Version);
        Console.Write(report);
        await File.WriteAllTextAsync(args[2], report);
        return 0;
    }

    private static string Describe(Latency[] latencies, string browserVersion)
    {
        string processor = File.ReadLines("/proc/cpuinfo")
            .First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim();
        string busy = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return string.Create(CultureInfo.InvariantCulture, $"""
            # From stroke to new bars

            {processor}, {Environment.ProcessorCount} cores, browser and service on the same ones,
            {busy} processes ready to run in the last minute; {RuntimeInformation.OSDescription},
            .NET {Environment.Version}, Chromium {browserVersion} without a display. Made by `bench/page.sh`.

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
        double[] sorted = [.. latencies.Select(part).Order()];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {until} | {Quantile(sorted, 0.5):0.0} | {Quantile(sorted, 0.9):0.0} | {Quantile(sorted, 0.99):0.0} |");
    }

    private static double Quantile(double[] sorted, double q) =>
        sorted[(int)Math.Min(sorted.Length - 1, q * sorted.Length)];
}
