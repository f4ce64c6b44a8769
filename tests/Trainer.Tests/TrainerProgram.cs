using System.Diagnostics;

namespace MnistLstm.Trainer.Tests;

/// <summary>The trainer as a person starts it.</summary>
internal static class TrainerProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <param name="args">The command line.</param>
    /// <param name="variables">Environment; an empty value removes the variable.</param>
    /// <param name="seen">Gets each line of output and errors as it comes, with the process.</param>
    /// <param name="program">Another program than the trainer beside the tests.</param>
    public static async Task<Result> RunAsync(
        string[] args,
        (string Name, string Value)[]? variables = null,
        Action<string, Process>? seen = null,
        string? program = null)
    {
        program ??= Path.Combine(AppContext.BaseDirectory, "Trainer.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string value) in variables ?? [])
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            Task<List<string>> error = ReadAsync(process.StandardError);
            List<string> output = await ReadAsync(process.StandardOutput);
            await process.WaitForExitAsync(timeout.Token);
            return new Result(process.ExitCode, output, string.Join('\n', await error).Trim());
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }

        async Task<List<string>> ReadAsync(StreamReader stream)
        {
            var lines = new List<string>();
            while (await stream.ReadLineAsync(timeout.Token) is { } line)
            {
                lines.Add(line);
                seen?.Invoke(line, process);
            }

            return lines;
        }
    }

    /// <summary>The signal of Ctrl+C.</summary>
    public static void Interrupt(Process process) => Posix.Signal(process.Id, Posix.Interrupt);

    internal sealed record Result(int ExitCode, List<string> Output, string Error);
}
