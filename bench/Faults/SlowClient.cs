using System.Net.Sockets;
using System.Text;

namespace MnistLstm.Faults;

/// <summary>A client that does not send its request as others do.</summary>
internal static class SlowClient
{
    private static readonly byte[] Head = Encoding.ASCII.GetBytes(
        "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n");

    /// <summary>A byte a second, headers and body, for as long as the service bears it.</summary>
    public static async Task DripAsync(Uri address, CancellationToken end)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, end);
        for (int n = 0; !end.IsCancellationRequested; n++)
        {
            await client.GetStream().WriteAsync(n < Head.Length ? Head.AsMemory(n, 1) : new byte[1], end);
            await Task.Delay(TimeSpan.FromSeconds(1), end);
        }
    }

    /// <summary>The headers and some of the body, and then nothing more.</summary>
    public static async Task HalfOpenAsync(Uri address, CancellationToken end)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, end);
        await client.GetStream().WriteAsync((byte[])[.. Head, .. new byte[1000]], end);
        await client.Client.ReceiveAsync(new byte[4096], end);
    }

    /// <summary>The headers and some of the body, and then the connection is reset.</summary>
    public static async Task AbortAsync(Uri address, CancellationToken end)
    {
        using var client = new TcpClient { LingerState = new LingerOption(enable: true, seconds: 0) };
        await client.ConnectAsync(address.Host, address.Port, end);
        await client.GetStream().WriteAsync((byte[])[.. Head, .. new byte[1000]], end);
        await Task.Delay(TimeSpan.FromMilliseconds(5), end);
    }

    /// <summary>Does it again and again; a connection that the service closes is what is wanted of it.</summary>
    public static async Task RepeatAsync(
        Func<Uri, CancellationToken, Task> behave, Uri address, TimeSpan pause, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await behave(address, end);
                await Task.Delay(pause, end);
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
            {
                await Task.Delay(pause, CancellationToken.None);
            }
        }
    }
}
