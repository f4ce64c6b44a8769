using MnistLstm.Shared.Models;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>A folder of labeled picture files, read by a model as the service reads an upload.</summary>
/// <param name="Digits">Pictures that could be read, as the 28x28 pixels of the candidate that the model chose.</param>
/// <param name="Styles">The kind of each picture, "" if none is given.</param>
/// <param name="IsDigit">Whether each is believed to show exactly one digit.</param>
/// <param name="Unread">The others, each with why.</param>
/// <param name="Skipped">Files that are not pictures or that <c>labels.csv</c> does not name, and folders that are not
/// labels; names of folders end with a slash.</param>
public sealed record LabeledPictures(
    DigitSet Digits,
    IReadOnlyList<string> Names,
    IReadOnlyList<string> Styles,
    IReadOnlyList<bool> IsDigit,
    IReadOnlyList<string> Unread,
    IReadOnlyList<string> Skipped)
{
    private const int ShownNames = 10;

    /// <summary>
    /// Reads <c>DIR/labels.csv</c> if it is there (see <see cref="LabelsFile"/>), else the pictures in
    /// <c>DIR/LABEL</c>. A ZIP file is read like the folder that it unpacks to.
    /// </summary>
    /// <param name="classifier">The model that judges the candidates of a picture.</param>
    /// <param name="shard">Which of them; the part may be empty where the folder has fewer pictures than parts.</param>
    /// <exception cref="TrainerException">The folder or its pictures are missing, or a label is.</exception>
    public static LabeledPictures Load(
        string folder, DigitClassifier classifier, Shard shard, CancellationToken cancellation)
    {
        Require(folder);
        if (File.Exists(folder))
        {
            using var archive = PictureArchive.Unpack(folder);
            try
            {
                return Load(archive.Folder, classifier, shard, cancellation);
            }
            catch (TrainerException e)
            {
                throw new TrainerException(e.Message.Replace(archive.Folder, folder), e.ExitCode);
            }
        }

        string labelsPath = Path.Combine(folder, LabelsFile.Name);
        var found = new PictureListing(folder);
        if (File.Exists(labelsPath))
        {
            found.Files.AddRange(FromLabelsFile(labelsPath));
            found.SkipUnnamed();
        }
        else
        {
            found.AddLabelFolders();
        }

        return found.Files.Count > 0
            ? Read(found, shard, classifier, cancellation)
            : throw new TrainerException(File.Exists(labelsPath)
                ? $"'{labelsPath}' names no picture."
                : $"'{folder}' has neither a {LabelsFile.Name} (file,label) nor pictures in folders named 0 to 9.");
    }

    /// <param name="path">Null where the option is not given.</param>
    /// <exception cref="TrainerException">There is neither a folder nor a ZIP file.</exception>
    public static void Require(string? path)
    {
        if (path is not null && !Path.Exists(path))
        {
            throw new TrainerException($"There is no folder or ZIP file '{path}', which --images names.");
        }
    }

    /// <summary>Reads all pictures of a folder, which show no digit: their labels mean nothing.</summary>
    /// <param name="classifier">The model that judges the candidates of a picture.</param>
    /// <exception cref="TrainerException">There is no such folder, or no picture in it.</exception>
    public static LabeledPictures LoadNonDigits(
        string folder, DigitClassifier classifier, CancellationToken cancellation)
    {
        DataFolder.Require(folder, "--not-digits");
        var found = new PictureListing(folder);
        found.AddPictures("", label: 0);
        return found.Files.Count > 0
            ? Read(found, Shard.Whole, classifier, cancellation)
            : throw new TrainerException($"There is no picture in '{folder}'.");
    }

    /// <summary>Says which files were not read, in a line for each reason.</summary>
    public IEnumerable<string> Remarks()
    {
        if (Unread.Count > 0)
        {
            yield return $"Not read and not counted: {string.Join(", ", Unread)}";
        }

        if (Skipped.Count > 0)
        {
            string more = Skipped.Count > ShownNames ? ", …" : "";
            yield return $"Skipped, {Skipped.Count:N0} in all: {string.Join(", ", Skipped.Take(ShownNames))}{more}";
        }
    }

    private static LabeledPictures Read(
        PictureListing found, Shard shard, DigitClassifier classifier, CancellationToken cancellation)
    {
        List<(LabeledFile File, DigitReading Reading)> read = [];
        List<string> unread = [];
        using ClassifierBatch batch = classifier.CreateBatch(DigitReader.MaxCandidates);
        foreach (LabeledFile file in shard.Of(found.Files))
        {
            cancellation.ThrowIfCancellationRequested();
            string? problem = PictureFile.Open(Path.Combine(found.Folder, file.Name), out PictureFile? picture);
            using (picture)
            {
                if (picture is not null && DigitReader.Read(picture.Propose(), batch, classifier.Card) is { } reading)
                {
                    read.Add((file, reading));
                }
                else
                {
                    unread.Add($"{file.Name} ({problem ?? "blank"})");
                }
            }
        }

        if (read.Count == 0 && unread.Count > 0)
        {
            throw new TrainerException(
                $"None of the {unread.Count:N0} pictures in '{found.Folder}' could be read; the first: {unread[0]}.");
        }

        return new LabeledPictures(
            new DigitSet(
                [.. read.SelectMany(picture => picture.Reading.Candidate.Pixels)],
                [.. read.Select(picture => picture.File.Label)]),
            [.. read.Select(picture => picture.File.Name)],
            [.. read.Select(picture => picture.File.Style)],
            [.. read.Select(picture => picture.Reading.IsDigit)],
            unread,
            found.Skipped);
    }

    private static IEnumerable<LabeledFile> FromLabelsFile(string path) =>
        LabelsFile.Read(path, "label", "digit", "class")
        .Select(line => line is { File.Length: > 0, Label: [>= '0' and <= '9'] }
            ? new LabeledFile(line.File, (byte)(line.Label[0] - '0'), line.Style)
            : throw LabelsFile.Problem(path, line, "a digit"));
}
