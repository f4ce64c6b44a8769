using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MnistLstm.Load;

/// <summary>
/// One kept-alive connection that sends prepared requests: a client that costs next to nothing itself.
/// </summary>
internal sealed class Connection(Uri address) : IDisposable
{
    private static readonly byte[] HeaderEnd = "\r\n\r\n"u8.ToArray();

    private readonly byte[] _answer = new byte[64 * 1024];
    private Socket? _socket;

    public static byte[] Request(byte[] file, string contentType) =>
        Request("/predict", $"Content-Type: {contentType}\r\n", file);

    /// <param name="path">The address.</param>
    /// <param name="headers">Each with its line end.</param>
    /// <param name="body">As it is.</param>
    public static byte[] Request(string path, string headers, byte[] body) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {body.Length}\r\n\r\n")),
        .. body,
    ];

    public ValueTask ConnectAsync()
    {
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        return _socket.ConnectAsync(address.Host, address.Port, CancellationToken.None);
    }

    /// <returns>Whether the answer was 200. After any other, or none, the next request gets a new connection.</returns>
    public async ValueTask<bool> ExchangeAsync(byte[] request)
    {
        try
        {
            if (_socket is null)
            {
                await ConnectAsync();
            }

            await _socket!.SendAsync(request);
            int received;
            for (int length = 0; (received = await _socket.ReceiveAsync(_answer.AsMemory(length))) > 0;)
            {
                length += received;
                int header = _answer.AsSpan(0, length).IndexOf(HeaderEnd);
                if (header >= 0 && !_answer.AsSpan().StartsWith("HTTP/1.1 200"u8))
                {
                    break;
                }

                if (header >= 0 && length >= header + HeaderEnd.Length + ContentLength(_answer.AsSpan(0, header)))
                {
                    return true;
                }
            }
        }
        catch (SocketException)
        {
        }

        _socket?.Dispose();
        _socket = null;
        return false;
    }

    public void Dispose() => _socket?.Dispose();

    private static int ContentLength(ReadOnlySpan<byte> header)
    {
        ReadOnlySpan<byte> name = "\nContent-Length: "u8;
        int at = header.IndexOf(name);
        ReadOnlySpan<byte> value = header[(at + name.Length)..];
        int end = value.IndexOf((byte)'\r');
        return int.Parse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture);
    }
}
