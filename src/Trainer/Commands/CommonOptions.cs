using System.CommandLine;
using System.Globalization;

namespace MnistLstm.Trainer.Commands;

/// <summary>Options that several commands have.</summary>
public static class CommonOptions
{
    public static Option<string?> Data() => new("--data")
    {
        Description = "Folder with MNIST's four files, gzip-compressed or not. Default: MNIST_DIR, else a cache that is filled by a download.",
    };

    /// <exception cref="TrainerException">The text is no seed.</exception>
    public static int ParseSeed(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seed)
            ? seed
            : throw new TrainerException($"--seed is '{text}', but it must be a whole number from 0 to {int.MaxValue}.");
}
