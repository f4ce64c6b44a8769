using System.IO.Compression;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>A ZIP file of labeled pictures, as the page makes it, unpacked for as long as it is read.</summary>
internal sealed class PictureArchive : IDisposable
{
    private const long MaxBytes = 1_000_000_000;

    private PictureArchive(string folder) => Folder = folder;

    public string Folder { get; }

    /// <exception cref="TrainerException">It is no ZIP file, or a damaged or very large one.</exception>
    public static PictureArchive Unpack(string path)
    {
        var unpacked = new PictureArchive(Directory.CreateTempSubdirectory("mnist-lstm-").FullName);
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            if (archive.Entries.Sum(entry => (decimal)entry.Length) > MaxBytes)
            {
                throw new TrainerException($"'{path}' unpacks to more than {MaxBytes:N0} bytes.");
            }

            archive.ExtractToDirectory(unpacked.Folder);
            return unpacked;
        }
        catch (Exception e)
        {
            unpacked.Dispose();
            throw e is InvalidDataException or IOException or UnauthorizedAccessException
                ? new TrainerException(
                    $"'{path}' is not a folder, and as a ZIP file it cannot be unpacked: {e.Message}")
                : e;
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
