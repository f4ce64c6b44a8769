using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>A folder of labelled picture files, read by a model as the service reads an upload.</summary>
/// <param name="Digits">Pictures that could be read, as the 28x28 pixels of the candidate that the model chose.</param>
/// <param name="Names">Their files' names, in the same order.</param>
/// <param name="Styles">What kind of picture each is, "" where nothing says so.</param>
/// <param name="IsDigit">Whether each is believed to show exactly one digit.</param>
/// <param name="Unread">The others, each with why.</param>
public sealed record LabelledPictures(
    DigitSet Digits, IReadOnlyList<string> Names, IReadOnlyList<string> Styles, IReadOnlyList<bool> IsDigit, IReadOnlyList<string> Unread)
{
    private const string LabelsFile = "labels.csv";

    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"];

    /// <summary>Reads <c>DIR/labels.csv</c> (<c>file,label</c> or <c>file,label,style</c>) if it is there, else <c>DIR/LABEL/*.png</c> and the like.</summary>
    /// <param name="folder">With the pictures.</param>
    /// <param name="classifier">The model that judges the candidates of a picture.</param>
    /// <param name="shard">Which of them; the part may be empty where the folder has fewer pictures than parts.</param>
    /// <param name="cancellation">Stops between two pictures.</param>
    /// <exception cref="TrainerException">There is no such folder, no picture in it, or a line without a label.</exception>
    public static LabelledPictures Load(
        string folder, DigitClassifier classifier, Shard shard, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            throw new TrainerException($"There is no folder '{folder}', which --images names.");
        }

        string labelsPath = Path.Combine(folder, LabelsFile);
        List<LabelledFile> files = [.. File.Exists(labelsPath) ? FromLabelsFile(labelsPath) : FromSubfolders(folder)];
        return files.Count > 0
            ? Read(folder, shard.Of(files), classifier, cancellation)
            : throw new TrainerException($"'{folder}' has neither a {LabelsFile} (file,label) nor pictures in folders named 0 to 9.");
    }

    /// <summary>Reads all pictures of a folder, which show no digit: their labels mean nothing.</summary>
    /// <param name="folder">With the pictures.</param>
    /// <param name="classifier">The model that judges the candidates of a picture.</param>
    /// <param name="cancellation">Stops between two pictures.</param>
    /// <exception cref="TrainerException">There is no such folder, or no picture in it.</exception>
    public static LabelledPictures LoadNonDigits(
        string folder, DigitClassifier classifier, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            throw new TrainerException($"There is no folder '{folder}', which --not-digits names.");
        }

        List<LabelledFile> files = [.. Pictures(folder).Select(file => new LabelledFile(Path.GetFileName(file), Label: 0, Style: ""))];
        return files.Count > 0 ? Read(folder, files, classifier, cancellation) : throw new TrainerException($"There is no picture in '{folder}'.");
    }

    private static LabelledPictures Read(
        string folder, IEnumerable<LabelledFile> files, DigitClassifier classifier, CancellationToken cancellation)
    {
        var pixels = new List<byte>();
        var labels = new List<byte>();
        var names = new List<string>();
        var styles = new List<string>();
        var isDigit = new List<bool>();
        var unread = new List<string>();
        using ClassifierBatch batch = classifier.CreateBatch(DigitReader.MaxCandidates);
        foreach ((string name, byte label, string style) in files)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Read(Path.Combine(folder, name), batch, classifier.Card, out DigitReading? reading) is { } problem)
            {
                unread.Add($"{name} ({problem})");
                continue;
            }

            pixels.AddRange(reading!.Candidate.Pixels);
            labels.Add(label);
            names.Add(name);
            styles.Add(style);
            isDigit.Add(reading.IsDigit);
        }

        return names.Count > 0 || unread.Count == 0
            ? new LabelledPictures(new DigitSet([.. pixels], [.. labels]), names, styles, isDigit, unread)
            : throw new TrainerException($"None of the {unread.Count:N0} pictures in '{folder}' could be read; the first: {unread[0]}.");
    }

    /// <returns>Why the picture could not be read; null if it could.</returns>
    private static string? Read(string path, ClassifierBatch batch, ModelCard card, out DigitReading? reading)
    {
        reading = null;
        if (PictureFile.Open(path, out PictureFile? file) is { } problem)
        {
            return problem;
        }

        using (file)
        {
            reading = DigitReader.Read(file!.Propose(), batch, card);
            return reading is null ? "blank" : null;
        }
    }

    private static IEnumerable<LabelledFile> FromLabelsFile(string path)
    {
        int number = 0;
        bool hasStyles = false;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            hasStyles |= number == 1 && line.Trim() == "file,label,style";
            if (string.IsNullOrWhiteSpace(line) || (number == 1 && (hasStyles || line.Trim() == "file,label")))
            {
                continue;
            }

            int end = hasStyles ? Math.Max(line.LastIndexOf(','), 0) : line.Length;
            int comma = line[..end].LastIndexOf(',');
            yield return comma > 0 && ToLabel(line[(comma + 1)..end].Trim()) is { } label
                ? new LabelledFile(line[..comma].Trim().Trim('"'), label, hasStyles ? line[(end + 1)..].Trim() : "")
                : throw new TrainerException($"'{path}', line {number}: '{line}' is not a file's name, a comma and a digit.");
        }
    }

    private static IEnumerable<LabelledFile> FromSubfolders(string folder) =>
        from digit in Enumerable.Range(0, ModelContract.Classes)
        let labelFolder = Path.Combine(folder, $"{digit}")
        where Directory.Exists(labelFolder)
        from file in Pictures(labelFolder)
        select new LabelledFile(Path.Combine($"{digit}", Path.GetFileName(file)), (byte)digit, Style: "");

    private static IEnumerable<string> Pictures(string folder) => Directory.EnumerateFiles(folder)
        .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
        .Order(StringComparer.Ordinal);

    private static byte? ToLabel(string text) => text is [>= '0' and <= '9'] ? (byte)(text[0] - '0') : null;

    private sealed record LabelledFile(string Name, byte Label, string Style);
}
