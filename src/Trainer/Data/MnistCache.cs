using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>A folder with MNIST's four files, filled from mirrors; SHA-256 checks the content.</summary>
/// <param name="folder">It need not be there yet.</param>
/// <param name="mirrors">Asked in this order for a file that is missing or damaged.</param>
public sealed class MnistCache(string folder, IReadOnlyList<Uri> mirrors)
{
    private static readonly TimeSpan DownloadTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15); // a firewall may drop packets

    /// <summary>Public copies of MNIST, tried in this order.</summary>
    public static IReadOnlyList<Uri> PublicMirrors { get; } =
    [
        new("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        new("https://storage.googleapis.com/cvdf-datasets/mnist/"),
    ];

    public string Folder => folder;

    /// <summary>The user's own cache, filled from <see cref="PublicMirrors"/>.</summary>
    public static MnistCache OfUser() => new(UserCacheFolder(), PublicMirrors);

    /// <summary>The uncompressed content of a file, checked.</summary>
    /// <exception cref="TrainerException">No mirror has it.</exception>
    public async Task<byte[]> ReadAsync(MnistFile file, CancellationToken cancellation)
    {
        byte[]? cached = new[] { file.Name, file.Name + ".gz" }.Select(name => Path.Combine(Folder, name))
            .Where(File.Exists).Select(path => ReadIfRight(path, file)).FirstOrDefault(bytes => bytes is not null);
        return cached ?? await DownloadAsync(file, cancellation);
    }

    private static string UserCacheFolder()
    {
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
        {
            cache = OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        }

        return Path.Combine(cache, "mnist-lstm", "mnist");
    }

    /// <summary>A cached file; null where it is damaged.</summary>
    private static byte[]? ReadIfRight(string path, MnistFile file)
    {
        try
        {
            byte[] bytes = GzipFile.Read(path);
            return MnistFile.Hash(bytes) == file.Sha256 ? bytes : null;
        }
        catch (TrainerException)
        {
            return null;
        }
    }

    private void Keep(string name, byte[] packed)
    {
        try
        {
            AtomicFile.Write(Path.Combine(Folder, name), packed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"'{Folder}' cannot keep {name}, so the next run downloads it again: {e.Message}");
        }
    }

    private async Task<byte[]> DownloadAsync(MnistFile file, CancellationToken cancellation)
    {
        Console.Error.WriteLine($"Downloading {file.Name}");
        using var handler = new SocketsHttpHandler { ConnectTimeout = ConnectTimeout };
        using var http = new HttpClient(handler)
        {
            Timeout = DownloadTimeout,
            MaxResponseContentBufferSize = GzipFile.MaxLength,
        };
        var failures = new List<string>();
        foreach (Uri mirror in mirrors)
        {
            try
            {
                byte[] packed = await http.GetByteArrayAsync(new Uri(mirror, file.Name + ".gz"), cancellation);
                byte[] bytes = GzipFile.Uncompress(file.Name, packed);
                if (MnistFile.Hash(bytes) == file.Sha256)
                {
                    Keep(file.Name + ".gz", packed);
                    return bytes;
                }

                failures.Add($"{mirror.Host} sent a file with another SHA-256");
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TrainerException
                || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                string address = $" ({mirror.Host}:{mirror.Port})"; // .NET's message ends with it
                failures.Add($"{mirror.Host}: {e.Message.Replace(address, "").TrimEnd('.')}");
            }
        }

        throw new TrainerException(
            $"MNIST's {file.Name} could not be downloaded ({string.Join("; ", failures)}). "
            + "Put the four files into a folder and name it with --data or MNIST_DIR.");
    }
}
