using System.Diagnostics;
using System.Security.Cryptography;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Settings;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Corrections;

/// <summary>
/// A folder of labeled pictures, <c>DIR/7/SHA256.png</c>, in the layout that the trainer reads. Files appear whole:
/// they are written under a temporary name and renamed.
/// </summary>
internal sealed class CorrectionStore : IDisposable
{
    private const int Digits = 10;
    private const string PartialExtension = ".partial";

    /// <summary>ENOSPC, EDQUOT and Windows' ERROR_DISK_FULL, as .NET reports them.</summary>
    private static readonly int[] DiskFull = [28, 122, unchecked((int)0x80070070)];

    /// <summary>Minimum time between two counts of a full folder, which the operator may have emptied.</summary>
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly int _maxFiles;
    private readonly long _maxBytes;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly DedicatedThreadPool _thread = new(1); // a disk may take its time
    private int _files;
    private long _bytes;
    private long _countedAt;

    private CorrectionStore(string folder, int maxFiles, long maxBytes)
    {
        (_folder, _maxFiles, _maxBytes) = (folder, maxFiles, maxBytes);
        Count();
    }

    /// <summary>Creates the folder if it does not exist, and checks that it is writable.</summary>
    /// <exception cref="InvalidSettingException">The folder is not writable.</exception>
    public static CorrectionStore Open(string folder, int maxFiles, long maxBytes)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (string partial in Directory.GetFiles(folder, $".*{PartialExtension}"))
            {
                File.Delete(partial);
            }

            string trial = Path.Combine(folder, $".trial{PartialExtension}");
            File.WriteAllBytes(trial, []);
            File.Delete(trial);
            return new CorrectionStore(folder, maxFiles, maxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidSettingException($"The folder of corrections '{folder}' cannot be written: {e.Message}");
        }
    }

    /// <summary>Stores a picture, or moves it to another label.</summary>
    /// <returns>The file's name in the folder; null if there is no room for it.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The service lacks permission to write the folder.</exception>
    /// <exception cref="TimeoutException">Others still wrote at the deadline.</exception>
    public async ValueTask<string?> KeepAsync(
        int digit, ReadOnlyMemory<byte> picture, ImageFormat format, long deadline, CancellationToken clientLeft)
    {
        string name = $"{Convert.ToHexStringLower(SHA256.HashData(picture.Span))}{ExtensionOf(format)}";
        string kept = Path.Combine(_folder, $"{digit}", name);
        if (!await _turn.WaitAsync(Deadline.Remaining(deadline), clientLeft))
        {
            throw new TimeoutException();
        }

        try
        {
            await new DedicatedThreadPool.Switch(_thread);
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            if (Find(name) is { } known)
            {
                File.Move(known, kept, overwrite: true);
            }
            else if (HasRoom(picture.Length))
            {
                Write(kept, name, picture.Span);
            }
            else
            {
                return null;
            }
        }
        catch (IOException e) when (DiskFull.Contains(e.HResult))
        {
            return null;
        }
        finally
        {
            _turn.Release();
            await Task.Yield(); // to the thread pool
        }

        return $"{digit}/{name}";
    }

    public void Dispose()
    {
        _turn.Dispose();
        _thread.Dispose();
    }

    private static string ExtensionOf(ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => ".jpg",
        _ => $".{format.ToString().ToLowerInvariant()}",
    };

    private void Write(string path, string name, ReadOnlySpan<byte> picture)
    {
        string partial = Path.Combine(_folder, $".{name}{PartialExtension}");
        try
        {
            using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write))
            {
                file.Write(picture);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            // A partial file would take up uncounted space.
            File.Delete(partial);
            throw;
        }

        _files++;
        _bytes += picture.Length;
    }

    private string? Find(string name) => Enumerable.Range(0, Digits)
        .Select(digit => Path.Combine(_folder, $"{digit}", name))
        .FirstOrDefault(File.Exists);

    private bool HasRoom(int length)
    {
        if (!Fits() && Stopwatch.GetElapsedTime(_countedAt) >= CountInterval)
        {
            Count();
        }

        return Fits();

        bool Fits() => _files < _maxFiles && _bytes + length <= _maxBytes;
    }

    private void Count()
    {
        FileInfo[] files =
        [
            .. Enumerable.Range(0, Digits)
                .Select(digit => new DirectoryInfo(Path.Combine(_folder, $"{digit}")))
                .Where(folder => folder.Exists)
                .SelectMany(folder => folder.EnumerateFiles()),
        ];
        (_files, _bytes, _countedAt) = (files.Length, files.Sum(file => file.Length), Stopwatch.GetTimestamp());
    }
}
