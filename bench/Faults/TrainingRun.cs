using System.Diagnostics;
using MnistLstm.Shared.Models;

namespace MnistLstm.Faults;

/// <summary>A training that is killed at random times and goes on each time, to the same weights as one that nobody disturbed.</summary>
internal static class TrainingRun
{
    private static readonly string[] Recipe =
        ["train", "--preset", "seed", "--hidden-size", "8", "--epochs", "12", "--batch-size", "1000", "--threads", "1", "--seed", "7", "--log-every", "0"];

    public static async Task<bool> RunAsync(int kills, string trainer)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mnist-lstm-faults-");
        try
        {
            string undisturbed = Path.Combine(folder.FullName, "undisturbed.onnx");
            long start = Stopwatch.GetTimestamp();
            await FinishAsync(Start(trainer, undisturbed));
            TimeSpan whole = Stopwatch.GetElapsedTime(start);
            string expected = Version(undisturbed);
            Console.WriteLine(FormattableString.Invariant($"Undisturbed: version {expected} after {whole.TotalSeconds:F1} s"));

            // Some runs end before they are killed; then the next one starts from nothing.
            var random = new Random(1);
            int killed = 0;
            int finished = 0;
            string disturbed = Path.Combine(folder.FullName, "disturbed.onnx");
            while (killed < kills || finished == 0)
            {
                using Process process = Start(trainer, disturbed);
                if (killed < kills)
                {
                    TimeSpan delay = whole * random.NextDouble();
                    await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(delay));
                    if (!process.HasExited)
                    {
                        Posix.Signal(process.Id, Posix.Kill);
                        await process.WaitForExitAsync();
                        killed++;
                        Console.WriteLine(FormattableString.Invariant($"Killed after {delay.TotalSeconds:F1} s"));
                        continue;
                    }
                }

                await FinishAsync(process);
                finished++;
                string found = Version(disturbed);
                Console.WriteLine($"Finished: version {found}");
                if (found != expected)
                {
                    return false;
                }

                File.Delete(disturbed);
            }

            Console.WriteLine($"Killed {killed} times, finished {finished} times, each time with the same weights.");
            return true;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Process Start(string trainer, string output)
    {
        Process process = Process.Start(new ProcessStartInfo("dotnet", [trainer, .. Recipe, "--resume", "--output", output])
        {
            RedirectStandardOutput = true,
        })!;
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task FinishAsync(Process process)
    {
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The trainer ended with {process.ExitCode}.");
        }
    }

    /// <summary>A hash of the weights.</summary>
    private static string Version(string path)
    {
        using DigitClassifier classifier = DigitClassifier.Load(path);
        return classifier.Card.Version;
    }
}
