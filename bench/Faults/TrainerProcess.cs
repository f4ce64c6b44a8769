using System.Diagnostics;
using MnistLstm.Support;

namespace MnistLstm.Faults;

/// <summary>The trainer on its way to a file, whose lines tell how far it is.</summary>
internal sealed class TrainerProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task _read;

    /// <param name="line">Called for each line that it writes, in order.</param>
    public TrainerProcess(string trainer, IEnumerable<string> arguments, Action<string> line)
    {
        _process =
            Process.Start(new ProcessStartInfo("dotnet", [trainer, .. arguments]) { RedirectStandardOutput = true })!;
        _read = ReadAsync(line);
    }

    public bool HasEnded => _process.HasExited;

    public void Dispose() => _process.Dispose();

    /// <summary>Waits until it has ended and its last line is read; it is to end well.</summary>
    public async Task FinishAsync()
    {
        await EndAsync();
        if (_process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The trainer ended with {_process.ExitCode}.");
        }
    }

    /// <summary>Waits for it or for something else, whichever is first.</summary>
    public Task WaitAsync(Task other) => Task.WhenAny(_process.WaitForExitAsync(), other);

    /// <summary>Ends it in the midst of what it does.</summary>
    public Task KillAsync()
    {
        Posix.Signal(_process.Id, Posix.Kill);
        return EndAsync();
    }

    private async Task EndAsync()
    {
        await _process.WaitForExitAsync();
        await _read;
    }

    private async Task ReadAsync(Action<string> line)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } text)
        {
            line(text);
        }
    }
}
