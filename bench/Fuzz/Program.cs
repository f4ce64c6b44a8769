using System.Diagnostics;
using SharpFuzz;

namespace MnistLstm.Fuzz;

/// <summary>What <c>afl-fuzz</c> drives; <c>scripts/fuzz.sh</c> builds and calls it.</summary>
internal static class Program
{
    private const string Usage = "Usage: Fuzz seeds FOLDER   |   Fuzz instrument SHARED_DLL   |   Fuzz replay FILE…   |   Fuzz run, from afl-fuzz";

    /// <summary>No file may take longer, whatever is in it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["seeds", var folder]:
                Directory.CreateDirectory(folder);
                foreach ((string name, byte[] file) in Seeds.All())
                {
                    File.WriteAllBytes(Path.Combine(folder, name), file);
                }

                return 0;
            case ["instrument", var library]:
                string[] types = [.. Fuzzer.Instrument(library, IsInstrumented, Options.Value)];
                Console.WriteLine($"{types.Length} types are instrumented.");
                return 0;
            case ["replay", .. var files]:
                return files.Select(Replay).ToArray().All(good => good) ? 0 : 1;
            case ["run"]:
                var upload = new Upload();
                Fuzzer.OutOfProcess.Run(stream =>
                {
                    using var file = new MemoryStream();
                    stream.CopyTo(file);
                    upload.Read(file.ToArray());
                });
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    /// <summary>Whether a type is on the way from a file to 28x28 pixels.</summary>
    private static bool IsInstrumented(string type) =>
        type.StartsWith("MnistLstm.Shared.", StringComparison.Ordinal)
        && !type.StartsWith("MnistLstm.Shared.Models.", StringComparison.Ordinal);

    /// <summary>Twice, as the first reading loads and compiles the code.</summary>
    private static bool Replay(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        string? fault = null;
        TimeSpan time = default;
        for (int i = 0; i < 2 && fault is null; i++)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                new Upload().Read([.. file]);
            }
            catch (Exception e)
            {
                fault = e.ToString();
            }

            time = Stopwatch.GetElapsedTime(start);
        }

        fault ??= time > Longest ? "It takes too long." : null;
        Console.WriteLine(FormattableString.Invariant($"{Path.GetFileName(path)}: {time.TotalMilliseconds:F0} ms. {fault ?? "No fault."}"));
        return fault is null;
    }
}
