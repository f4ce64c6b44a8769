using MnistLstm.Shared.Decoding;

namespace MnistLstm.Trainer.Data;

/// <summary>A picture file and what it shows.</summary>
/// <param name="Name">Relative to the folder.</param>
/// <param name="Style">The kind of picture; "" if unknown.</param>
internal sealed record LabeledFile(string Name, byte Label, string Style);

/// <summary>The pictures in a folder, and what else is there.</summary>
/// <param name="folder">Names are relative to it.</param>
internal sealed class PictureListing(string folder)
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"];

    private const int BytesOfStart = 1024; // enough to tell what a file is

    public string Folder => folder;

    public List<LabeledFile> Files { get; } = [];

    public List<string> Skipped { get; } = [];

    public void AddLabelFolders()
    {
        foreach (FileSystemInfo entry in Entries(""))
        {
            if (entry is DirectoryInfo { Name: [>= '0' and <= '9'] } label)
            {
                AddPictures(label.Name, (byte)(label.Name[0] - '0'));
            }
            else
            {
                Skip("", entry);
            }
        }
    }

    /// <summary>Adds the files of a folder that are pictures by content or by extension.</summary>
    public void AddPictures(string below, byte label)
    {
        foreach (FileSystemInfo entry in Entries(below))
        {
            if (entry is FileInfo file && !file.Name.StartsWith('.') && IsPicture(file))
            {
                Files.Add(new LabeledFile(Path.Combine(below, file.Name), label, Style: ""));
            }
            else
            {
                Skip(below, entry);
            }
        }
    }

    /// <summary>Skips the files that are there and that <c>labels.csv</c> does not name.</summary>
    public void SkipUnnamed()
    {
        HashSet<string> named = [LabelsFile.Name, .. Files.Select(file => Relative(Path.Combine(folder, file.Name)))];
        var below = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = true,
            AttributesToSkip = 0,
        };
        Skipped.AddRange(Directory.EnumerateFiles(folder, "*", below)
            .Select(Relative)
            .Where(name => !named.Contains(name))
            .Order(StringComparer.Ordinal));

        string Relative(string path) => Path.GetRelativePath(folder, path);
    }

    private IEnumerable<FileSystemInfo> Entries(string below) => new DirectoryInfo(Path.Combine(folder, below))
        .EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal);

    private void Skip(string below, FileSystemInfo entry) =>
        Skipped.Add(Path.Combine(below, entry is DirectoryInfo ? $"{entry.Name}/" : entry.Name));

    private static bool IsPicture(FileInfo file)
    {
        if (Extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        try
        {
            using FileStream stream = file.OpenRead();
            Span<byte> start = stackalloc byte[BytesOfStart];
            start = start[..stream.ReadAtLeast(start, BytesOfStart, throwOnEndOfStream: false)];
            return ImageFormats.Recognize(start) != ImageFormat.Unknown || ImageFormats.NameUnread(start) is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
