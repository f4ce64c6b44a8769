using MnistLstm.Shared;
using MnistLstm.Shared.Imaging;
using MnistLstm.Shared.Models;

namespace MnistLstm.Trainer;

/// <summary>A folder of picture files with labels, read as the service reads an upload: decoded, normalised, rows.</summary>
/// <param name="Digits">Pictures that could be read, as 28x28.</param>
/// <param name="Names">Their files' names, in the same order.</param>
/// <param name="Unread">The others, each with why.</param>
public sealed record LabelledPictures(DigitSet Digits, IReadOnlyList<string> Names, IReadOnlyList<string> Unread)
{
    private const string LabelsFile = "labels.csv";

    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"];

    /// <summary>Reads <c>DIR/labels.csv</c> (<c>file,label</c>) if it is there, else <c>DIR/LABEL/*.png</c> and the like.</summary>
    /// <param name="folder">With the pictures.</param>
    /// <param name="shard">Which of them; the part may be empty where the folder has fewer pictures than parts.</param>
    /// <exception cref="TrainerException">There is no such folder, no picture in it, or a line without a label.</exception>
    public static LabelledPictures Load(string folder, Shard shard)
    {
        if (!Directory.Exists(folder))
        {
            throw new TrainerException($"There is no folder '{folder}', which --images names.");
        }

        string labelsPath = Path.Combine(folder, LabelsFile);
        List<(string Name, byte Label)> files = [.. File.Exists(labelsPath) ? FromLabelsFile(labelsPath) : FromSubfolders(folder)];
        return files.Count > 0
            ? Read(folder, shard.Of(files))
            : throw new TrainerException($"'{folder}' has neither a {LabelsFile} (file,label) nor pictures in folders named 0 to 9.");
    }

    /// <summary>Reads all pictures of a folder, which show no digit: their labels mean nothing.</summary>
    /// <exception cref="TrainerException">There is no such folder, or no picture in it.</exception>
    public static LabelledPictures LoadNonDigits(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new TrainerException($"There is no folder '{folder}', which --not-digits names.");
        }

        List<(string Name, byte Label)> files = [.. Pictures(folder).Select(file => (Path.GetFileName(file), (byte)0))];
        return files.Count > 0 ? Read(folder, files) : throw new TrainerException($"There is no picture in '{folder}'.");
    }

    private static LabelledPictures Read(string folder, IEnumerable<(string Name, byte Label)> files)
    {
        var pixels = new List<byte>();
        var labels = new List<byte>();
        var names = new List<string>();
        var unread = new List<string>();
        byte[] digit = new byte[RowSequence.Length];
        foreach ((string name, byte label) in files)
        {
            if (Read(Path.Combine(folder, name), digit) is { } problem)
            {
                unread.Add($"{name} ({problem})");
                continue;
            }

            pixels.AddRange(digit);
            labels.Add(label);
            names.Add(name);
        }

        return names.Count > 0 || unread.Count == 0
            ? new LabelledPictures(new DigitSet([.. pixels], [.. labels]), names, unread)
            : throw new TrainerException($"None of the {unread.Count:N0} pictures in '{folder}' could be read; the first: {unread[0]}.");
    }

    /// <returns>Why the picture could not be read; null if it could.</returns>
    private static string? Read(string path, Span<byte> digit)
    {
        byte[] encoded;
        try
        {
            encoded = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }

        ImageProblem problem = ImageDecoder.Decode(encoded, ImageLimits.Default, out GrayImage? image);
        if (image is null)
        {
            return problem switch
            {
                ImageProblem.UnknownFormat => "no picture format that is read",
                ImageProblem.TooManyPixels => "too many pixels",
                _ => "damaged",
            };
        }

        using (image)
        {
            return DigitNormalizer.Normalize(image, digit).HasInk ? null : "blank";
        }
    }

    private static IEnumerable<(string Name, byte Label)> FromLabelsFile(string path)
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            int comma = line.LastIndexOf(',');
            if (string.IsNullOrWhiteSpace(line) || (number == 1 && line.Trim() == "file,label"))
            {
                continue;
            }

            yield return comma > 0 && ToLabel(line[(comma + 1)..].Trim()) is { } label
                ? (line[..comma].Trim().Trim('"'), label)
                : throw new TrainerException($"'{path}', line {number}: '{line}' is not a file's name, a comma and a digit.");
        }
    }

    private static IEnumerable<(string Name, byte Label)> FromSubfolders(string folder) =>
        from digit in Enumerable.Range(0, ModelContract.Classes)
        let labelFolder = Path.Combine(folder, $"{digit}")
        where Directory.Exists(labelFolder)
        from file in Pictures(labelFolder)
        select (Path.Combine($"{digit}", Path.GetFileName(file)), (byte)digit);

    private static IEnumerable<string> Pictures(string folder) => Directory.EnumerateFiles(folder)
        .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
        .Order(StringComparer.Ordinal);

    private static byte? ToLabel(string text) => text is [>= '0' and <= '9'] ? (byte)(text[0] - '0') : null;
}
