using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace MnistLstm.Load;

/// <summary>
/// One HTTP/2 connection that sends one prepared gRPC call over and over: a client that costs next to nothing itself.
/// </summary>
internal sealed class GrpcConnection : IDisposable
{
    private const int FrameHeaderBytes = 9;
    private const int MaxFrameBytes = 16 * 1024;
    private const int MessageHeaderBytes = 5;

    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte WindowUpdate = 8;

    /// <summary>The flag of the last frame of a stream.</summary>
    private const byte EndStream = 1;

    /// <summary>The flag that acknowledges the other side's settings.</summary>
    private const byte Acknowledged = 1;

    private const byte EndHeaders = 4;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[64 * 1024];

    /// <summary>The frames of the call. Each has the number of the stream, which every call increases.</summary>
    private readonly byte[][] _frames;

    private int _stream = -1;

    public GrpcConnection(string path, byte[] message)
    {
        byte[] body = new byte[MessageHeaderBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), message.Length);
        message.CopyTo(body, MessageHeaderBytes);
        byte[][] parts = [.. body.Chunk(MaxFrameBytes)];
        _frames =
        [
            Frame(Headers, EndHeaders,
            [
                .. Field(":method", "POST"), .. Field(":scheme", "http"), .. Field(":path", path),
                .. Field(":authority", "localhost"), .. Field("te", "trailers"),
                .. Field("content-type", "application/grpc"),
            ]),
            .. parts.Select((part, i) => Frame(Data, i == parts.Length - 1 ? EndStream : (byte)0, part)),
        ];
    }

    public async Task ConnectAsync(Uri address)
    {
        await _socket.ConnectAsync(address.Host, address.Port);

        // The window is large enough for all answers of a measurement.
        await _socket.SendAsync((byte[])
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, []),
            .. Frame(WindowUpdate, 0, [0x40, 0, 0, 0]),
        ]);
    }

    /// <returns>Whether the answer had a message.</returns>
    public async Task<bool> ExchangeAsync()
    {
        _stream += 2;
        foreach (byte[] frame in _frames)
        {
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(FrameHeaderBytes - sizeof(int)), _stream);
        }

        await _socket.SendAsync(Array.ConvertAll(_frames, frame => new ArraySegment<byte>(frame)));
        int length = 0;
        bool hasMessage = false;
        while (true)
        {
            int received = await _socket.ReceiveAsync(_answer.AsMemory(length));
            if (received == 0)
            {
                return false;
            }

            length += received;
            int start = 0;
            bool hasEnded = false;
            while (FrameBytes(start) is var bytes && start + bytes <= length)
            {
                (byte type, byte flags) = (_answer[start + 3], _answer[start + 4]);
                hasMessage |= type == Data;
                hasEnded |= type is Data or Headers && (flags & EndStream) != 0;
                if (type == Settings && (flags & Acknowledged) == 0)
                {
                    await _socket.SendAsync(Frame(Settings, Acknowledged, []));
                }

                start += bytes;
            }

            if (hasEnded)
            {
                return hasMessage;
            }

            _answer.AsSpan(start..length).CopyTo(_answer);
            length -= start;
        }

        int FrameBytes(int start) => length - start < FrameHeaderBytes
            ? int.MaxValue - start
            : FrameHeaderBytes + (BinaryPrimitives.ReadInt32BigEndian(_answer.AsSpan(start)) >>> 8);
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Frame(byte type, byte flags, byte[] payload)
    {
        byte[] frame = new byte[FrameHeaderBytes + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, (payload.Length << 8) | type);
        frame[4] = flags;
        payload.CopyTo(frame, FrameHeaderBytes);
        return frame;
    }

    /// <summary>A header that is compressed by neither table nor code.</summary>
    private static byte[] Field(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
