using System.Diagnostics;

namespace MnistLstm.Load;

/// <summary>One of the compared services, as a process of its own on a free port of the loopback.</summary>
internal sealed class Target : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private Target(string name, Process process, Uri address, TimeSpan startUp)
    {
        Name = name;
        _process = process;
        Address = address;
        StartUp = startUp;
    }

    public string Name { get; }

    public Uri Address { get; }

    /// <summary>From the start of the process to the first right answer.</summary>
    public TimeSpan StartUp { get; }

    public int ProcessId => _process.Id;

    /// <summary>Computed by the process so far, on all cores.</summary>
    public TimeSpan CpuTime => CpuClock.Read(_process.Id);

    /// <summary>The most memory that was resident.</summary>
    public int PeakMiB => (int)MiB(ProcessStatus.PeakResident);

    /// <summary>The memory that is resident now.</summary>
    public double ResidentMiB => MiB(ProcessStatus.Resident);

    /// <param name="name">For the report.</param>
    /// <param name="request">A request that must be answered with 200.</param>
    /// <param name="arguments">The arguments of <c>dotnet</c>, without the address.</param>
    public static Task<Target> StartAsync(string name, byte[] request, params string[] arguments) =>
        LaunchAsync(name, request, ["dotnet", .. arguments]);

    /// <summary>On the first <paramref name="cores"/> cores alone.</summary>
    public static Task<Target> StartOnAsync(int cores, string name, byte[] request, params string[] arguments) =>
        LaunchAsync(name, request, ["taskset", "--cpu-list", $"0-{cores - 1}", "dotnet", .. arguments]);

    private static async Task<Target> LaunchAsync(string name, byte[] request, string[] command)
    {
        var address = new Uri($"http://127.0.0.1:{Computer.FreePort()}");
        long start = Stopwatch.GetTimestamp();
        string[] arguments = [.. command[1..], "--urls", address.ToString()];
        var process = Process.Start(new ProcessStartInfo(command[0], arguments) { RedirectStandardOutput = true })!;
        process.BeginOutputReadLine();
        using var connection = new Connection(address);
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            if (await connection.ExchangeAsync(request))
            {
                return new Target(name, process, address, Stopwatch.GetElapsedTime(start));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2));
        }

        process.Kill();
        throw new InvalidOperationException($"{name} did not answer within {Patience}.");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private double MiB(string key) => ProcessStatus.Bytes(_process.Id, key) / 1048576.0;
}
