using System.CommandLine;
using System.Globalization;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Commands;

/// <summary>Options that several commands have.</summary>
public static class CommonOptions
{
    public static Option<string?> Data() => new("--data")
    {
        Description =
            "Folder with MNIST, or with another data set of 28x28 digits: IDX files, gzip-compressed or not, or a "
            + "train.csv. Default: MNIST_DIR, else a cache of MNIST that is filled by a download.",
    };

    /// <summary>A model file; what looks like an option is none.</summary>
    public static Argument<string> Model()
    {
        var model = new Argument<string>("MODEL.onnx") { Description = "The model file, as train writes it." };
        model.Validators.Add(argument =>
        {
            if (argument.Tokens is [{ Value: ['-', ..] option }])
            {
                argument.AddError($"There is no option '{option}'.");
            }
        });
        return model;
    }

    public static Option<bool> Resume() =>
        new("--resume") { Description = "Go on from the run's last checkpoint, if there is one." };

    public static Option<string?> TensorBoard() =>
        new("--tensorboard") { Description = "Folder for TensorBoard's event files." };

    /// <exception cref="TrainerException">The text is no seed.</exception>
    public static int ParseSeed(string text) =>
        int.TryParse(text, NumberStyles.None, null, out int seed)
            ? seed
            : throw new TrainerException(
                $"--seed is '{text}', but it must be a whole number from 0 to {int.MaxValue}.");

    /// <summary>Makes the file's folder and finds out now, not after hours, whether the file can be written.</summary>
    /// <param name="path">Null where the option is not given.</param>
    /// <exception cref="TrainerException">It cannot.</exception>
    public static void RequireWritable(string option, string? path)
    {
        if (path is null)
        {
            return;
        }

        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            if (Directory.Exists(path))
            {
                throw new TrainerException($"{option} '{path}' is a folder; name the file.");
            }

            string partial = path + AtomicFile.PartialExtension;
            File.WriteAllBytes(partial, []);
            File.Delete(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TrainerException($"{option} '{path}' cannot be written: {e.Message}");
        }
    }
}
