using System.Net.Sockets;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Health;

/// <summary>
/// Runs the program as a client that asks the service on the same machine whether it is ready. For container images
/// that have no shell or curl.
/// </summary>
public static class HealthCheck
{
    public const string Switch = "--healthcheck";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <param name="args">The service's own command line, with the switch.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidSettingException">The settings do not tell which port the service has.</exception>
    public static async Task<int> RunAsync(string[] args)
    {
        string[] options = [.. args.Where(arg => arg != Switch)];
        ServiceOptions.CheckCommandLine(options);
        ServerAddress address = ServerAddress.Read(SettingReader.ForProcess(options), out _)[0];
        if (address.UnixSocket is null && address.Local.Port == 0)
        {
            throw new InvalidSettingException(
                $"{Switch} cannot tell which port the service got from '{address}'. Give it the port with --urls.");
        }

        using var handler = new SocketsHttpHandler { UseProxy = false };
        if (address.UnixSocket is { } path)
        {
            handler.ConnectCallback = (_, cancellation) => ConnectAsync(path, cancellation);
        }

#pragma warning disable CA5359 // The certificate is for the public host name, not for the loopback address.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        using var client = new HttpClient(handler) { Timeout = Timeout };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri(address.Local, HealthApi.ReadyPath));
            Console.WriteLine($"{address}: {await response.Content.ReadAsStringAsync()}");
            return response.IsSuccessStatusCode ? ExitCodes.Success : ExitCodes.Unhealthy;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            string reason = address.UnixSocket is { } socket && !File.Exists(socket)
                ? "there is no such socket"
                : e.Message;
            await Console.Error.WriteLineAsync($"{address} does not answer: {reason}");
            return ExitCodes.Unhealthy;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
