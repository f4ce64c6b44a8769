using System.Diagnostics;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Bench.Training;

/// <summary>The post's program: its steps alone, and the command from its start to the written file.</summary>
internal static class SeedPreset
{
    private const int Images = 5_000;

    /// <summary>Images a second of the preset's steps, log lines included, on pictures by chance.</summary>
    /// <param name="steps">Number of steps.</param>
    public static double ImagesPerSecond(int steps)
    {
        var random = new Random(1);
        var pixels = new byte[Images * RowSequence.Length];
        random.NextBytes(pixels);
        byte[] labels = [.. Enumerable.Range(0, Images).Select(_ => (byte)random.Next(ModelContract.Classes))];
        var digits = new DigitSet(pixels, labels);
        double imagesPerSecond = 0;
        TrainingObserver observer = TrainingObserver.None with
        {
            Stepped = progress => imagesPerSecond = progress.ImagesPerSecond,
        };
        var loop = new TrainingLoop(Checkpoint: null, observer, Resume: false, CancellationToken.None);
        TrainingOptions options = TrainingOptions.Seed with { Steps = steps };
        LabelObjective.Run(options, new MnistDataset(digits, digits.Slice(0, 1), digits.Slice(0, 1)),
            loop).Network.Dispose();
        return imagesPerSecond;
    }

    /// <summary>Runs the trainer's command in a process of its own.</summary>
    public static TimeSpan StartToFile()
    {
        string folder = Directory.CreateTempSubdirectory("mnist-lstm-").FullName;
        try
        {
            string model = Path.Combine(folder, "seed.onnx");
            long startedAt = Stopwatch.GetTimestamp();
            string trainer = Path.Combine(AppContext.BaseDirectory, "Trainer.dll");
            string[] arguments = [trainer, "train", "--preset", "seed", "--output", model];
            var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return File.Exists(model)
                ? Stopwatch.GetElapsedTime(startedAt)
                : throw new InvalidOperationException($"The trainer ended with {process.ExitCode} and wrote no model.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
