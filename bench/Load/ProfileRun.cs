using System.Diagnostics;
using System.Globalization;

namespace MnistLstm.Load;

/// <summary>
/// Profiles the service's CPU time under load by sampling its instruction pointer with Linux' <c>perf</c>.
/// </summary>
internal sealed class ProfileRun(string service, string models, int seconds)
{
    private const int Connections = 64;
    private const int SamplesPerSecond = 999;

    /// <summary>Functions that are named one by one.</summary>
    private const int Named = 25;

    private const string JustInTime = ".NET, compiled while it ran";

    /// <summary>After it, little is left to compile.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The first rule that fits a sample's library and function says which part of the path it belongs to.
    /// </summary>
    private static readonly (string Part, Func<Sample, bool> Fits)[] Parts =
    [
        ("ONNX Runtime: the network", sample => sample.Library.StartsWith("libonnxruntime", StringComparison.Ordinal)),
        ("decode: own PNG and JPEG decoders, decompression",
            sample => sample.Is("Shared.Decoding") || sample.Is("Filters.BlockAverage")
                || sample.Library.StartsWith("libSystem.IO.Compression", StringComparison.Ordinal)),
        ("decode: ImageSharp",
            sample => sample.Is("SixLabors.") || sample.Library.StartsWith("SixLabors.", StringComparison.Ordinal)),
        ("normalize, rows",
            sample => sample.Is("MnistLstm.Shared") || sample.Is("RowSequence") || sample.Library == "Shared.dll"),
        ("batching, answer and the rest of the service", sample =>
            sample.Is("MnistLstm.") || sample.Library == "Api.dll"),
        ("JSON, numbers as text", sample => sample.Is("System.Text.Json") || sample.Is("Utf8Formatter")
            || sample.Is("System.Number") || sample.Is("Dragon4") || sample.Is("Grisu")),
        ("metrics", sample => sample.Is("OpenTelemetry") || sample.Is("Diagnostics.Metrics")
            || sample.Library.StartsWith("OpenTelemetry", StringComparison.Ordinal)),
        ("web server, HTTP, sockets of .NET", sample =>
            sample.Is("Microsoft.AspNetCore") || sample.Is("System.Net.") || sample.Is("System.IO.Pipelines")
            || sample.Is("Interop+Sys") || sample.Library.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || sample.Library.StartsWith("libSystem.Native", StringComparison.Ordinal)),
        ("compiler and run time of .NET", sample => sample.Library.StartsWith("libclr", StringComparison.Ordinal)
            || sample.Library.StartsWith("libcoreclr", StringComparison.Ordinal)),
        ("Linux: sockets, scheduling", sample => sample.Library.StartsWith("[kernel", StringComparison.Ordinal)),
        ("C library: copies, locks", sample =>
            sample.Library.StartsWith("libc.", StringComparison.Ordinal)
            || sample.Library.StartsWith("libm.", StringComparison.Ordinal)
            || sample.Library.StartsWith("libstdc++", StringComparison.Ordinal)
            || sample.Library.StartsWith("ld-", StringComparison.Ordinal)),
        (".NET's threads, tasks, copies and the rest", _ => true),
    ];

    public async Task RunAsync(string path)
    {
        string folder = Directory.CreateTempSubdirectory("mnist-lstm-profile").FullName;
        try
        {
            byte[][] requests = Uploads.Png();
            using Target target =
                await Target.StartAsync("this service", requests[0], service, "--model-folder", models);
            await Load.ClosedLoopAsync(target.Address, requests, Connections, WarmUp);
            string data = Path.Combine(folder, "perf.data");
            Task<string> recording = PerfAsync("record", "-F", $"{SamplesPerSecond}", "-p", $"{target.ProcessId}", "-o",
                data, "--", "sleep", $"{seconds}");
            LoadResult result =
                await Load.ClosedLoopAsync(target.Address, requests, Connections, TimeSpan.FromSeconds(seconds));
            await recording;
            Sample[] samples =
                Parse(await PerfAsync("report", "-i", data, "--sort", "dso,symbol", "--stdio", "--percent-limit", "0",
                    "--show-nr-samples", "--field-separator", ";"));
            await WriteAsync(path, samples, result);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task WriteAsync(string path, Sample[] samples, LoadResult result)
    {
        var report = new Report();
        report.Line("# Where the processor's time goes");
        report.Line();
        report.Line($"{Report.Machine}.");
        report.Line(
            $"The service: {Report.Compilation(service)}. {Connections} connections, closed loop, 28x28 PNG files, "
            + $"{result.PerSecond:F0} requests/s; the service's process");
        report.Line(
            $"sampled {SamplesPerSecond} times a second and core by `perf` for {seconds} s. Made by `bench/load.sh "
            + $"profile {seconds}`.");
        report.Line();
        report.Line("| part | share |");
        report.Line("|---|---|");
        foreach (IGrouping<string, Sample> part in samples.GroupBy(sample =>
            Parts.First(part => part.Fits(sample)).Part).OrderByDescending(part => part.Sum(sample => sample.Count)))
        {
            report.Line($"| {part.Key} | {Share(part.Sum(sample => sample.Count))} |");
        }

        report.Line();
        report.Line("| library | function | share |");
        report.Line("|---|---|---|");
        foreach (Sample sample in samples.OrderByDescending(sample => sample.Count).Take(Named))
        {
            report.Line($"| {sample.Library} | `{sample.Function}` | {Share(sample.Count)} |");
        }

        await report.WriteAsync(path);

        string Share(int count) => $"{100.0 * count / samples.Sum(sample => sample.Count):F1} %";
    }

    /// <summary>
    /// Lines like <c>12.34;617;libonnxruntime.so;[.] MlasGemm</c>; where a library has no names, there is an address.
    /// </summary>
    private static Sample[] Parse(string report) =>
    [
        .. report.Split('\n')
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split(';', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length >= 4)
            .Select(cells =>
                (Count: int.Parse(cells[1], CultureInfo.InvariantCulture), Library: LibraryName(cells[2]),
                    Function: FunctionName(cells[3][(cells[3].IndexOf(']') + 1)..].Trim())))
            .GroupBy(line => (line.Library, line.Function))
            .Select(lines => new Sample(lines.Sum(line => line.Count), lines.Key.Library, lines.Key.Function))
    ];

    private static string LibraryName(string name) =>
        name.StartsWith("[JIT]", StringComparison.Ordinal) ? JustInTime : name;

    /// <summary>
    /// <c>instance bool [Assembly] Namespace.Type::Method(…)[OptimizedTier1]</c> → <c>Namespace.Type::Method</c>, fit
    /// for a code span.
    /// </summary>
    private static string FunctionName(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return "(without names)";
        }

        string head = text.Contains("::", StringComparison.Ordinal) ? text.Split('(')[0] : text;
        return head[(head.LastIndexOf(' ') + 1)..].Replace('`', '\'');
    }

    private static async Task<string> PerfAsync(params string[] arguments)
    {
        using Process perf = Process.Start(new ProcessStartInfo("perf", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = perf.StandardError.ReadToEndAsync();
        string output = await perf.StandardOutput.ReadToEndAsync();
        await perf.WaitForExitAsync();
        return perf.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"perf {arguments[0]} failed: {await error}");
    }

    /// <param name="Count">Number of samples.</param>
    /// <param name="Library">A file, [kernel.kallsyms], or what was compiled while the service ran.</param>
    /// <param name="Function">With its namespace, where it is .NET's.</param>
    private sealed record Sample(int Count, string Library, string Function)
    {
        public bool Is(string name) => Function.Contains(name, StringComparison.Ordinal);
    }
}
