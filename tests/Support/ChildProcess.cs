using System.Diagnostics;

namespace MnistLstm.Support;

/// <summary>Runs programs that end by themselves.</summary>
public static class ChildProcess
{
    /// <summary>Far more than any of them takes, also on a machine that has other work.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <param name="start">The program and its arguments.</param>
    /// <param name="input">Standard input; null for that of the tests.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        ProcessStartInfo start, string? input = null)
    {
        start.RedirectStandardInput = input is not null;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input);
                process.StandardInput.Close();
            }

            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            string error = await process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, error);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
