using System.Diagnostics;

namespace MnistLstm.Api.Tests;

/// <summary>Runs the program in its own process, for tests of signals, logs and process metrics.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    /// <summary>Far more than anything takes, also on a machine that has other work.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly List<string> _lines = [];

    private ServiceProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address => Client.BaseAddress!;

    public HttpClient Client { get; } = new();

    /// <summary>Everything that was written so far.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public static Task<ServiceProcess> StartAsync(params string[] args) => StartAsync(args, []);

    public static Task<ServiceProcess> StartAsync(string[] args, params (string Name, string Value)[] variables) =>
        StartAsync(Path.Combine(AppContext.BaseDirectory, "Api.dll"), args, variables);

    /// <param name="program">Api.dll of a copy of the program.</param>
    public static async Task<ServiceProcess> StartAsync(
        string program, string[] args, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0", .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        var service = new ServiceProcess(Process.Start(start)!);
        try
        {
            await service.SaysAsync(Listening);
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }

        string address =
            service.Output[(service.Output.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..];
        service.Client.BaseAddress = new Uri(new string([.. address.TakeWhile(letter => letter is not ('"' or '\n'))]));
        return service;
    }

    /// <summary>Waits until the service has written this.</summary>
    public async Task SaysAsync(string text)
    {
        await EventuallyAsync(
            () => _process.HasExited || Output.Contains(text, StringComparison.Ordinal), () => Output);
        if (_process.HasExited)
        {
            await ExitAsync(); // with its last lines
            Output.ShouldContain(text);
        }
    }

    /// <summary>Sends SIGTERM, as an orchestrator does.</summary>
    public void Terminate() => Posix.Signal(_process.Id, Posix.Terminate);

    /// <summary>Counts the pictures that were decoded since the start.</summary>
    public async Task<double> CountDecodedAsync() => PrometheusText.Parse(await Client.GetStringAsync("/metrics"))
        .Sum("mnist_lstm_step_duration_seconds_count", "step=\"decode\"");

    /// <returns>The exit code.</returns>
    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Memory of the process that is in main memory.</summary>
    public long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>The most of it that there ever was.</summary>
    public long PeakBytes()
    {
        _process.Refresh();
        return _process.PeakWorkingSet64;
    }

    /// <summary>The operating system's names of its threads, up to 15 letters.</summary>
    public IReadOnlyList<string> ThreadNames() =>
        [.. Directory.GetDirectories($"/proc/{_process.Id}/task")
            .Select(task => File.ReadAllText(Path.Combine(task, "comm")).TrimEnd())];

    public static async Task EventuallyAsync(Func<bool> condition, Func<string>? explanation = null)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            waited.Elapsed.ShouldBeLessThan(Patience, explanation?.Invoke());
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Note(string? line)
    {
        lock (_lines)
        {
            _lines.Add(line ?? "");
        }
    }
}
