using System.Diagnostics;
using System.Text.RegularExpressions;
using MnistLstm.Support;

namespace MnistLstm.Faults;

/// <summary>
/// Real nginx with our configuration; only its ports, its folder and the addresses of the replicas are others.
/// </summary>
internal sealed partial class Nginx : IDisposable
{
    private const string HttpListen = "listen 8000 ";

    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private Nginx(DirectoryInfo folder, Process process, int port)
    {
        _folder = folder;
        _process = process;
        Address = new Uri($"http://127.0.0.1:{port}");
    }

    public Uri Address { get; }

    /// <param name="program">The name or path of nginx.</param>
    /// <param name="configuration">The folder with nginx.conf and upstream.conf.</param>
    /// <param name="replicas">Their ports for HTTP. Nothing is sent over gRPC.</param>
    public static async Task<Nginx> StartAsync(
        string program, string configuration, params IReadOnlyList<int> replicas)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mnist-lstm-nginx-");
        int port = Computer.FreePort();
        string main = await File.ReadAllTextAsync(Path.Combine(configuration, "nginx.conf"));
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "nginx.conf"),
            (Environment.IsPrivilegedProcess ? "user root;\n" : "")
            + Listen().Replace(
                main, match => $"listen 127.0.0.1:{(match.Value == HttpListen ? port : Computer.FreePort())} ")
            // nginx before 1.25.1 does not know this directive of gRPC's listener.
            .Replace("http2 on;", "", StringComparison.Ordinal)
            .Replace("error_log stderr warn", "error_log /tmp/error.log warn", StringComparison.Ordinal)
            .Replace("/tmp/", $"{folder.FullName}/", StringComparison.Ordinal));

        // The file lists the replicas twice: for HTTP, then for gRPC.
        int servers = 0;
        string upstream = await File.ReadAllTextAsync(Path.Combine(configuration, "upstream.conf"));
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "upstream.conf"), Server()
            .Replace(upstream, _ => $"server 127.0.0.1:{replicas[servers++ % replicas.Count]} "));

        var process = Process.Start(program, ["-c", Path.Combine(folder.FullName, "nginx.conf"), "-g", "daemon off;"]);
        await Task.Delay(TimeSpan.FromSeconds(1));
        return process.HasExited ? throw new InvalidOperationException(
            $"{program} ended with {process.ExitCode}.") : new Nginx(folder, process, port);
    }

    public void Dispose()
    {
        Posix.Signal(_process.Id, Posix.Terminate);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    [GeneratedRegex(@"listen \d+ ")]
    private static partial Regex Listen();

    [GeneratedRegex(@"server \S+:\d+ ")]
    private static partial Regex Server();
}
