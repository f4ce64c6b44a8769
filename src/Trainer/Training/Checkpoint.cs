using System.Text;
using System.Text.Json;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Recipes;

namespace MnistLstm.Trainer.Training;

/// <summary>A run's whole state in one file: a run that goes on from it ends the same, bit for bit.</summary>
/// <param name="recipe">All that determines the state, a line each. A checkpoint of another recipe is refused.</param>
public sealed class Checkpoint(string path, IEnumerable<string> recipe)
{
    /// <summary>First bytes of the file; the number changes with the format.</summary>
    private const string Magic = "mnist-lstm checkpoint 2";

    private readonly string _recipe = string.Join('\n', recipe);

    public string Path => path;

    /// <summary>The settings that determine a run, one on each line.</summary>
    public static IEnumerable<string> Recipe(TrainingOptions options) =>
        [$"--preset {options.Preset}", .. HyperParameter.Used(options)
            .Select(p => $"--{p.Key} {p.Value}"), $"--seed {options.RandomSeed}"];

    public bool Exists => File.Exists(Path);

    /// <summary>Writes the state of a run beside the file that is there, then takes its place.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="state">Writes optimizer, weights and what else there is.</param>
    public void Save(int step, TrainingHistory history, Action<BinaryWriter> state)
    {
        using var content = new MemoryStream();
        using (var writer = new BinaryWriter(content, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(_recipe);
            writer.Write(step);
            writer.Write(JsonSerializer.Serialize(history));
            state(writer);
        }

        AtomicFile.Write(Path, content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    /// <summary>Restores the state of a run.</summary>
    /// <param name="state">Reads optimizer, weights and what else there is.</param>
    /// <returns>Steps done and the history up to there.</returns>
    /// <exception cref="TrainerException">The file is damaged or belongs to another recipe.</exception>
    public (int Step, TrainingHistory History) Load(Action<BinaryReader> state)
    {
        using var reader = new BinaryReader(new MemoryStream(File.ReadAllBytes(Path)), Encoding.UTF8);
        try
        {
            if (reader.ReadString() != Magic)
            {
                throw new TrainerException(
                    $"'{Path}' is not a checkpoint that this version can read; delete it to start again.");
            }

            if (FirstDifference(reader.ReadString(), _recipe) is { } difference)
            {
                throw new TrainerException(
                    $"'{Path}' belongs to a run {difference}; give the same options, or leave --resume away to start "
                    + $"again.");
            }

            int step = reader.ReadInt32();
            TrainingHistory history = JsonSerializer.Deserialize<TrainingHistory>(reader.ReadString())!;
            state(reader);
            return (step, history);
        }
        // TorchSharp throws an ArgumentException where too few bytes of a tensor are left.
        catch (Exception e) when (e is EndOfStreamException or JsonException or FormatException or ArgumentException)
        {
            throw new TrainerException($"'{Path}' is a damaged checkpoint; delete it to start again.");
        }
    }

    /// <summary>Removes the file, and its folder if that is then empty.</summary>
    public void Delete()
    {
        File.Delete(Path);
        if (System.IO.Path.GetDirectoryName(Path) is { Length: > 0 } folder
            && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    private static string? FirstDifference(string saved, string wanted)
    {
        string[] had = saved.Split('\n');
        string[] needed = wanted.Split('\n');
        return had.Except(needed).FirstOrDefault() is { } more ? $"with {more}"
            : needed.Except(had).FirstOrDefault() is { } less ? $"without {less}"
            : null;
    }
}
