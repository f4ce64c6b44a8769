using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MnistLstm.Load;

/// <summary>
/// One kept-alive connection that sends prepared requests: a client that costs next to nothing itself.
/// </summary>
internal sealed class Connection : IDisposable
{
    private static readonly byte[] HeaderEnd = "\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[64 * 1024];

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

    public ValueTask ConnectAsync(Uri address) =>
        _socket.ConnectAsync(address.Host, address.Port, CancellationToken.None);

    /// <returns>Whether the answer was 200.</returns>
    public async ValueTask<bool> ExchangeAsync(byte[] request)
    {
        await _socket.SendAsync(request);
        int length = 0;
        while (true)
        {
            int received = await _socket.ReceiveAsync(_answer.AsMemory(length));
            if (received == 0)
            {
                return false;
            }

            length += received;
            int header = _answer.AsSpan(0, length).IndexOf(HeaderEnd);
            if (header >= 0 && length >= header + HeaderEnd.Length + ContentLength(_answer.AsSpan(0, header)))
            {
                return _answer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static int ContentLength(ReadOnlySpan<byte> header)
    {
        ReadOnlySpan<byte> name = "\nContent-Length: "u8;
        int at = header.IndexOf(name);
        ReadOnlySpan<byte> value = header[(at + name.Length)..];
        int end = value.IndexOf((byte)'\r');
        return int.Parse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture);
    }
}
