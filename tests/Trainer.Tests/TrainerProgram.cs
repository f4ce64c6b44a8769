using System.Diagnostics;

namespace MnistLstm.Trainer.Tests;

/// <summary>The trainer as a person starts it.</summary>
internal static class TrainerProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <param name="args">The command line.</param>
    /// <param name="variables">Environment; an empty value removes the variable.</param>
    /// <param name="seen">Told each line of the output as it comes, with the process.</param>
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
            Task<string> error = process.StandardError.ReadToEndAsync(timeout.Token);
            var output = new List<string>();
            while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                output.Add(line);
                seen?.Invoke(line, process);
            }

            await process.WaitForExitAsync(timeout.Token);
            return new Result(process.ExitCode, output, (await error).Trim());
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    /// <summary>The signal of Ctrl+C.</summary>
    public static void Interrupt(Process process)
    {
        using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        kill.WaitForExit();
    }

    internal sealed record Result(int ExitCode, List<string> Output, string Error);
}
