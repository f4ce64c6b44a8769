using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace MnistLstm.Support;

/// <summary>A real nginx that publishes the service at /digits/, configured as docs/operations.md says.</summary>
public sealed partial class PrefixProxy : IAsyncDisposable
{
    private static readonly string[] Temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");
    private readonly Process _nginx;

    private PrefixProxy(string nginx, Uri service)
    {
        int port = FreePort();
        Address = new Uri($"http://127.0.0.1:{port}/digits/");
        string file = Path.Combine(_folder.FullName, "nginx.conf");
        File.WriteAllText(file, Configuration(port, service));
        _nginx = Process.Start(nginx, ["-e", "stderr", "-p", _folder.FullName, "-c", file]);
    }

    public Uri Address { get; }

    public static async Task<PrefixProxy> StartAsync(string nginx, Uri service)
    {
        var proxy = new PrefixProxy(nginx, service);
        using var client = new HttpClient();
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using HttpResponseMessage response = await client.GetAsync(new Uri(proxy.Address, "health/live"));
                response.EnsureSuccessStatusCode();
                return proxy;
            }
            catch (HttpRequestException) when (waited.Elapsed < Patience && !proxy._nginx.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _nginx.Kill();
        await _nginx.WaitForExitAsync();
        _nginx.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>One process, so that killing it ends it whole; everything it writes is in its own folder.</summary>
    private static string Configuration(int port, Uri service)
    {
        string operating = File.ReadAllText(Repository.PathOf("docs", "operations.md"));
        string location = NginxBlock().Match(operating).Groups[1].Value.Replace(
            "http://127.0.0.1:8080/", service.ToString(), StringComparison.Ordinal);
        return $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            events { }
            http {
                access_log off;
                {{string.Join("\n    ", Temporary.Select(name => $"{name}_temp_path {name};"))}}
                server {
                    listen 127.0.0.1:{{port}};
                    {{location}}
                }
            }
            """;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("```nginx\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex NginxBlock();
}
