using System.Diagnostics;
using MnistLstm.Support;

namespace MnistLstm.Faults;

/// <summary>The service as a process of its own on the loopback.</summary>
internal sealed class ServiceProcess : IDisposable
{
    /// <summary>Names the folder of a control group that bounds the service's memory.</summary>
    private const string MemoryGroupVariable = "FAULTS_MEMORY_GROUP";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _service;
    private readonly string[] _settings;
    private readonly (string Name, string Value)[] _variables;
    private Process _process;

    private ServiceProcess(string service, int port, string[] settings, (string Name, string Value)[] variables)
    {
        _service = service;
        _settings = settings;
        _variables = variables;
        Port = port;
        _process = Launch();
    }

    public int Port { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public long ResidentBytes => ProcessStatus.Bytes(_process.Id, ProcessStatus.Resident);

    /// <summary>The most since it was started.</summary>
    public long PeakResidentBytes => ProcessStatus.Bytes(_process.Id, ProcessStatus.PeakResident);

    public int Threads => (int)ProcessStatus.Number(_process.Id, ProcessStatus.Threads);

    public int Descriptors => Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length;

    public bool HasExited => _process.HasExited;

    public static Task<ServiceProcess> StartAsync(string service, params string[] settings) =>
        StartAsync(service, settings, []);

    public static async Task<ServiceProcess> StartAsync(
        string service, string[] settings, params (string Name, string Value)[] variables)
    {
        var started = new ServiceProcess(service, Computer.FreePort(), settings, variables);
        try
        {
            await started.ReadyAsync();
            return started;
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    public void Signal(int signal) => Posix.Signal(_process.Id, signal);

    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Starts it again at the same address.</summary>
    public async Task RestartAsync()
    {
        _process.Dispose();
        _process = Launch();
        await ReadyAsync();
    }

    public async Task ReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(2) };
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Patience && !_process.HasExited)
        {
            try
            {
                using HttpResponseMessage response = await client.GetAsync("/health/ready");
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        throw new InvalidOperationException(_process.HasExited
            ? $"The service ended with exit code {_process.ExitCode}."
            : $"The service at {Address} is not ready after {Patience}.");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private Process Launch()
    {
        // The shell joins the group and becomes the service, which so starts with the group's limits.
        string[] program = ["dotnet", _service, "--urls", Address.ToString(), .. _settings];
        var start = Environment.GetEnvironmentVariable(MemoryGroupVariable) is { Length: > 0 } group
            ? new ProcessStartInfo("sh", ["-c", "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"", group, .. program])
            : new ProcessStartInfo(program[0], program[1..]);
        start.RedirectStandardOutput = true;
        foreach ((string name, string value) in _variables)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        process.BeginOutputReadLine();
        return process;
    }
}
