namespace MnistLstm.Trainer.Data;

/// <summary>Writes files that are either there as a whole or not at all: beside, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>The suffix of a file until it is complete.</summary>
    public const string PartialExtension = ".partial";

    /// <summary>Writes a file, and creates its folder if it is missing.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string partial = path + PartialExtension;
        try
        {
            using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (IOException)
        {
            // The disk may be full: the rest of the file would only take space.
            File.Delete(partial);
            throw;
        }
    }

    public static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));
}
