using System.CommandLine;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Commands;

/// <summary>Options that several commands have.</summary>
public static class CommonOptions
{
    public static Option<string?> Text(string name, string description) => new(name) { Description = description };

    public static Option<string> Required(string name, string description) =>
        new(name) { Description = description, Required = true };

    public static Option<string?> Data() => Text(
        "--data",
        "Folder with MNIST or another data set of 28x28 digits: IDX files, gzip-compressed or not, or a train.csv. "
        + "Default: MNIST_DIR, or else MNIST in the user's cache, downloaded on first use.");

    /// <summary>A model file; a value that looks like an option is refused.</summary>
    public static Argument<string> Model()
    {
        var model = new Argument<string>("MODEL.onnx") { Description = "The model file, as train writes it." };
        model.Validators.Add(argument =>
        {
            if (argument.Tokens is [{ Value: var path }] && path is "" or ['-', ..])
            {
                argument.AddError(path == "" ? "MODEL.onnx is empty." : $"There is no option '{path}'.");
            }
        });
        return model;
    }

    public static Option<bool> Resume() =>
        new("--resume") { Description = "Continue from the run's last checkpoint, if there is one." };

    public static Option<string?> TensorBoard()
    {
        Option<string?> folder = Text("--tensorboard", "Folder for TensorBoard's event files.");
        folder.Validators.Add(option =>
        {
            if (option.Tokens is [{ Value: "" }])
            {
                option.AddError("--tensorboard is empty.");
            }
        });
        return folder;
    }

    /// <summary>Keeps byte weights from replacing the float weights that they are made from.</summary>
    public static void RequireOther(string output, string floats)
    {
        if (Path.GetFullPath(output) == Path.GetFullPath(floats))
        {
            throw new TrainerException(
                $"--output '{output}' is the model itself, whose float weights would be lost. Name another file.");
        }
    }

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
            if (Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
            {
                throw new TrainerException($"{option} '{path}' is a folder; name the file.");
            }

            using var trial = new AtomicFile(path);
            trial.Write([]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TrainerException($"{option} '{path}' cannot be written: {e.Message}");
        }
    }
}
