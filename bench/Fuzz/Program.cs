using System.Diagnostics;
using MnistLstm.Shared.Decoding;
using SharpFuzz;

namespace MnistLstm.Fuzz;

/// <summary>The target of <c>afl-fuzz</c>; <c>scripts/fuzz.sh</c> builds and calls it.</summary>
internal static class Program
{
    private const string Usage =
        "Usage: Fuzz seeds FOLDER | Fuzz instrument FOLDER | Fuzz replay FILE_OR_FOLDER... | Fuzz run, from afl-fuzz";

    /// <summary>The longest that a file may take, whatever is in it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The pixels that a picture from afl-fuzz may have, so that it reads many a second. <c>replay</c> reads what
    /// afl-fuzz kept, with the limits of the service.
    /// </summary>
    private const int FuzzedPixels = 1 << 18;

    /// <summary>The way of a file through the library, by the start of the types' full names.</summary>
    private static readonly string[] InstrumentedInLibrary =
    [
        "SixLabors.ImageSharp.Compression.Zlib.Inflate",
        "SixLabors.ImageSharp.Compression.Zlib.Zlib",
        "SixLabors.ImageSharp.Formats.Bmp.",
        "SixLabors.ImageSharp.Formats.Gif.",
        "SixLabors.ImageSharp.Formats.Jpeg.",
        "SixLabors.ImageSharp.Formats.Png.",
        "SixLabors.ImageSharp.Formats.Webp.",
        "SixLabors.ImageSharp.IO.",
    ];

    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["seeds", var folder]:
                WriteSeeds(folder);
                return 0;
            case ["instrument", var folder]:
                Instrument(Path.Combine(folder, "Shared.dll"), IsInstrumented);
                Instrument(Path.Combine(folder, "SixLabors.ImageSharp.dll"), IsInstrumentedInLibrary);
                return 0;
            case ["replay", .. var paths]:
                string[] files =
                    [.. paths.SelectMany(path => Directory.Exists(path) ? Directory.GetFiles(path) : [path])];
                int faults = files.Count(file => !Replay(file));
                Console.WriteLine($"{files.Length} files were read again, {faults} with a fault.");
                return faults == 0 ? 0 : 1;
            case ["run"]:
                Upload? upload = null;
                Fuzzer.OutOfProcess.Run(stream =>
                {
                    // Not before: instrumented code counts its branches in memory that comes from afl-fuzz.
                    upload ??= new Upload(ImageLimits.Default with { MaxPixels = FuzzedPixels });
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

    private static void WriteSeeds(string folder)
    {
        foreach ((string format, IEnumerable<(string Name, byte[] File)> seeds) in Seeds.ByFormat)
        {
            string place = Path.Combine(folder, format);
            Directory.CreateDirectory(place);
            foreach ((string name, byte[] file) in seeds)
            {
                File.WriteAllBytes(Path.Combine(place, name), file);
            }
        }
    }

    private static void Instrument(string library, Func<string, bool> isInstrumented)
    {
        string[] types = [.. Fuzzer.Instrument(library, isInstrumented, Options.Value)];
        Console.WriteLine($"{Path.GetFileName(library)}: {types.Length} types are instrumented.");
    }

    /// <summary>Whether a type is on the way from a file to 28x28 pixels.</summary>
    private static bool IsInstrumented(string type) =>
        type.StartsWith("MnistLstm.Shared.", StringComparison.Ordinal)
        && !type.StartsWith("MnistLstm.Shared.Models.", StringComparison.Ordinal);

    private static bool IsInstrumentedInLibrary(string type) =>
        InstrumentedInLibrary.Any(start => type.StartsWith(start, StringComparison.Ordinal))
        && !type.Contains("Encoder", StringComparison.Ordinal);

    /// <summary>
    /// Reads a file three times, as the first reading loads and compiles the code, and a busy machine delays any of
    /// them.
    /// </summary>
    private static bool Replay(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        string? fault = null;
        TimeSpan time = TimeSpan.MaxValue;
        for (int i = 0; i < 3 && fault is null && (i == 0 || time > Longest); i++)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                new Upload(ImageLimits.Default).Read([.. file]);
            }
            catch (Exception e)
            {
                fault = e.ToString();
            }

            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            time = elapsed < time ? elapsed : time;
        }

        fault ??= time > Longest ? $"It takes {time.TotalMilliseconds:F0} ms." : null;
        if (fault is not null)
        {
            Console.WriteLine($"{path}: {fault}");
        }

        return fault is null;
    }
}
