using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>
/// The entropy-coded data of a scan (ITU-T T.81, annex B.1.1.5) in segments between restart markers. Within a segment,
/// 0xFF is followed by a stuffed 0, which is removed from the whole segment at once.
/// </summary>
/// <param name="scan">The file from the first byte of data to its end.</param>
/// <param name="buffer">A buffer as long as the scan; holds one segment at a time.</param>
internal ref struct JpegScan(ReadOnlySpan<byte> scan, Span<byte> buffer)
{
    private const byte FirstRestart = 0xD0;

    private readonly Span<byte> _buffer = buffer;
    private ReadOnlySpan<byte> _rest = scan;
    private byte _marker;

    /// <summary>Whether the last segment ended with the restart marker of this number, 0 to 7.</summary>
    public readonly bool IsAtRestart(int number) => _marker == FirstRestart + number;

    /// <summary>The next segment's data, which the following segment overwrites.</summary>
    [MethodImpl(PixelLoop.Compilation)]
    public ReadOnlySpan<byte> Next()
    {
        int length = 0;
        while (true)
        {
            int marker = _rest.IndexOf((byte)0xFF);
            int end = marker + 1;
            while (marker >= 0 && end < _rest.Length && _rest[end] == 0xFF)
            {
                // Any number of fill bytes may precede a marker.
                end++;
            }

            bool isLast = marker < 0 || end == _rest.Length;
            byte code = isLast ? (byte)0 : _rest[end];
            int count = marker < 0 ? _rest.Length : code == 0 && !isLast ? marker + 1 : marker;
            _rest[..count].CopyTo(_buffer[length..]);
            length += count;
            _rest = isLast ? [] : _rest[(end + 1)..];
            if (isLast || code != 0)
            {
                _marker = code;
                return _buffer[..length];
            }
        }
    }
}
