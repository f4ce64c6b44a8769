namespace MnistLstm.Trainer.Data;

/// <summary>A file that is written under another name in its folder, then renamed, or removed by disposal.</summary>
public sealed class AtomicFile : IDisposable
{
    /// <summary>An older temporary file is of a program that was killed.</summary>
    private static readonly TimeSpan PartialLifetime = TimeSpan.FromDays(1);

    /// <summary>Creates the file's folder if it is missing.</summary>
    public AtomicFile(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        foreach (string left in Directory.EnumerateFiles(folder, $"{Path.GetFileName(path)}.*.partial")
            .Where(file => DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > PartialLifetime))
        {
            File.Delete(left);
        }

        FinalPath = path;
        PartialPath = $"{path}.{Path.GetRandomFileName()}.partial";
    }

    public string FinalPath { get; }

    /// <summary>The name until <see cref="Commit"/>. It is random: two programs may write the same file.</summary>
    public string PartialPath { get; }

    /// <summary>Writes a whole file.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = new AtomicFile(path);
        file.Write(content);
        file.Commit();
    }

    public static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes the content to the disk, under the temporary name.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(PartialPath, FileMode.Create, FileAccess.Write);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    public void Commit() => File.Move(PartialPath, FinalPath, overwrite: true);

    public void Dispose() => File.Delete(PartialPath);
}
