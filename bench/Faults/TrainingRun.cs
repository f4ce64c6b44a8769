using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MnistLstm.Faults;

/// <summary>
/// A training with every stage of the best preset that is killed in each of them, at random times, and goes on each
/// time, to the same files as one that nobody disturbed.
/// </summary>
internal sealed class TrainingRun
{
    private const string LastEpochOfStudent = "2";
    private const string LastEpoch = "4";

    private const int KillsAStage = 2;

    private static readonly string[] Recipe =
    [
        "train", "--preset", "best", "--seed", "7", "--hidden-size", "16", "--batch-size", "500", "--teachers", "2",
            "--teacher-epochs", "2",
        "--views", "2", "--epochs", LastEpochOfStudent, "--evidence-epochs", "2", "--non-digit-pictures",
        "4000", "--resume",
    ];

    /// <summary>The stages of a run, and the start of the line that announces each.</summary>
    private static readonly (string Name, string Line)[] Stages =
    [
        ("teachers", ""),
        ("views and student", "teachers together"),
        ("evidence", $"epoch {LastEpochOfStudent}:"),
        ("calibration, measuring, writing", $"epoch {LastEpoch}:"),
    ];

    /// <summary>Index of the current stage; each process prints the teachers' line again.</summary>
    private readonly bool[] _seen = new bool[Stages.Length];

    private readonly TimeSpan[] _durations = new TimeSpan[Stages.Length];
    private readonly Random _random = new(1);
    private readonly string _trainer;
    private readonly string _output;
    private TaskCompletionSource _progress = NewProgress();
    private string _lastLine = "";

    private TrainingRun(string trainer, string output)
    {
        _trainer = trainer;
        _output = output;
    }

    public static async Task<bool> RunAsync(int kills, string trainer)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mnist-lstm-faults-");
        try
        {
            string expected = folder.CreateSubdirectory("undisturbed").FullName;
            string found = folder.CreateSubdirectory("disturbed").FullName;
            var undisturbed = new TrainingRun(trainer, Path.Combine(expected, "digits.onnx"));
            await undisturbed.MeasureAsync();
            var disturbed = new TrainingRun(trainer, Path.Combine(found, "digits.onnx"));
            undisturbed._durations.CopyTo(disturbed._durations, 0);

            int[] killed = new int[Stages.Length];
            int finished = 0;
            int killedInThisRun = 0;
            while (killed.Sum() < kills || killedInThisRun > 0)
            {
                int stage = killedInThisRun / KillsAStage;
                if (await disturbed.GoOnAsync(killIn: killed.Sum() < kills && stage < Stages.Length ? stage : null))
                {
                    killed[stage]++;
                    killedInThisRun++;
                    continue;
                }

                finished++;
                killedInThisRun = 0;
                if (Difference(expected, found) is { } difference)
                {
                    Console.WriteLine(difference);
                    return false;
                }

                Console.WriteLine(
                    "Finished with the same model files, byte for byte, and the same cards; nothing else is left.");
                foreach (FileInfo file in new DirectoryInfo(found).EnumerateFiles())
                {
                    file.Delete();
                }
            }

            string where = string.Join("; ", Stages.Select((stage, n) => $"{killed[n]} in {stage.Name}"));
            Console.WriteLine($"Killed {killed.Sum()} times ({where}), finished {finished} times.");
            return true;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Runs to the end and notes how long each stage takes.</summary>
    private async Task MeasureAsync()
    {
        long start = Stopwatch.GetTimestamp();
        using TrainerProcess process = Start();
        TimeSpan before = TimeSpan.Zero;
        for (int stage = 1; stage < Stages.Length; stage++)
        {
            await WaitForAsync(process, stage);
            TimeSpan now = Stopwatch.GetElapsedTime(start);
            _durations[stage - 1] = now - before;
            before = now;
        }

        await process.FinishAsync();
        _durations[^1] = Stopwatch.GetElapsedTime(start) - before;
        string times = string.Join(", ", Stages.Select((stage, n) =>
            FormattableString.Invariant($"{stage.Name} {_durations[n].TotalSeconds:F1} s")));
        Console.WriteLine($"Undisturbed: {times}");
    }

    /// <summary>Goes on to the end, or until it is killed at a random time of a stage.</summary>
    /// <returns>Whether it was killed: it may have ended first.</returns>
    private async Task<bool> GoOnAsync(int? killIn)
    {
        using TrainerProcess process = Start();
        if (killIn is { } stage)
        {
            await WaitForAsync(process, stage);
            TimeSpan delay = _durations[stage] * _random.NextDouble();
            await process.WaitAsync(Task.Delay(delay));
            if (!process.HasEnded)
            {
                await process.KillAsync();
                Console.WriteLine(FormattableString.Invariant(
                    $"Killed after {delay.TotalSeconds:F1} s of {Stages[stage].Name}, its last line was: {_lastLine}"));
                return true;
            }
        }

        await process.FinishAsync();
        Array.Clear(_seen);
        return false;
    }

    private TrainerProcess Start()
    {
        // Teachers that are ready are read again, and said to be together, in each process.
        _seen[1] = false;
        _lastLine = "none";
        return new TrainerProcess(_trainer, [.. Recipe, "--output", _output], Note);
    }

    private async Task WaitForAsync(TrainerProcess process, int stage)
    {
        while (!process.HasEnded)
        {
            // Asked for first, so that no line comes between the look and the wait.
            Task progress = _progress.Task;
            if (_seen.Take(stage + 1).Skip(1).All(seen => seen))
            {
                return;
            }

            await process.WaitAsync(progress);
        }
    }

    private void Note(string line)
    {
        _lastLine = line;
        for (int stage = 1; stage < Stages.Length; stage++)
        {
            _seen[stage] |= line.StartsWith(Stages[stage].Line, StringComparison.Ordinal);
        }

        TaskCompletionSource progress = _progress;
        _progress = NewProgress();
        progress.SetResult();
    }

    private static TaskCompletionSource NewProgress() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A sentence about files that a run should not have left; null if there are none.</summary>
    private static string? Difference(string expected, string found)
    {
        string[] files = Names(expected);
        if (!Names(found).SequenceEqual(files))
        {
            return $"It left {string.Join(", ", Names(found))} and not {string.Join(", ", files)}.";
        }

        string? other =
            files.FirstOrDefault(file => !AreEqual(Path.Combine(expected, file), Path.Combine(found, file)));
        return other is null ? null : $"{other} is another.";
    }

    /// <summary>Reports have times, and are not compared.</summary>
    private static bool AreEqual(string expected, string found) => Path.GetExtension(expected) switch
    {
        ".onnx" => File.ReadAllBytes(expected).AsSpan().SequenceEqual(File.ReadAllBytes(found)),
        ".json" => JsonNode.DeepEquals(Card(expected), Card(found)),
        _ => true,
    };

    private static string[] Names(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal)];

    /// <summary>Without when and how long the run was.</summary>
    private static JsonObject Card(string path)
    {
        JsonObject card = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        card.Remove("run");
        return card;
    }
}
