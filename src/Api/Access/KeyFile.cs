using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Access;

/// <summary>
/// A file with the hash of one key on each line. Text after the hash, and lines that begin with #, are comments. The
/// service polls the file, so keys can be added and removed without a restart.
/// </summary>
/// <param name="text">The text of the file at startup.</param>
internal sealed class KeyFile(string text, ApiKeys keys, ServiceOptions options, ILogger<KeyFile> logger)
    : BackgroundService
{
    private string _settled = text;
    private string _seen = text;

    /// <exception cref="InvalidSettingException">The file cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidSettingException($"The key file '{path}' cannot be read: {e.Message}");
        }
    }

    /// <exception cref="InvalidSettingException">A line has no hash. The message does not repeat the line, which might
    /// contain a key.</exception>
    public static IReadOnlyList<byte[]> Parse(string path, string text)
    {
        List<byte[]> hashes = [];
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length > 0 && line[0] != '#')
            {
                hashes.Add(KeyHash.Parse(line.Split([' ', '\t'], 2)[0])
                    ?? throw new InvalidSettingException(
                        $"The key file '{path}' needs a SHA-256 hash on each line, as {KeyHashCommand.Switch} prints "
                        + $"it, but line {i + 1} has none."));
            }
        }

        return hashes;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.ReloadInterval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Poll();
        }
    }

    /// <summary>
    /// Takes up the file once two polls in a row read the same text: it is then no longer being written.
    /// </summary>
    private void Poll()
    {
        string now;
        try
        {
            now = Read(options.ApiKeyFile!);
        }
        catch (InvalidSettingException e)
        {
            now = e.Message;
        }

        bool isStable = now == _seen;
        _seen = now;
        if (!isStable || now == _settled)
        {
            return;
        }

        _settled = now;
        try
        {
            keys.Replace(Parse(options.ApiKeyFile!, now));
            Log.KeysRead(logger, keys.Count);
        }
        catch (InvalidSettingException)
        {
            Log.KeysRejected(logger);
        }
    }
}
