using MnistLstm.Api.Batching;

namespace MnistLstm.Api.Uploads;

/// <summary>
/// The minimum data rate of one body. Kestrel's rule takes the average since the body began, so a client that sends
/// many megabytes at once may then stall for hours. This one asks for the rate again and again.
/// </summary>
/// <param name="minRate">Bytes a second; 0: any.</param>
internal struct UploadPace(int minRate)
{
    /// <summary>The interval in which a client must send the bytes of its minimum rate.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private long _wanted;
    private long _end;

    /// <summary>The time until which to wait for more bytes.</summary>
    /// <param name="length">Bytes that have arrived.</param>
    /// <returns>A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</returns>
    public long FindEnd(int length)
    {
        if (minRate == 0)
        {
            return long.MaxValue;
        }

        if (length >= _wanted)
        {
            _wanted = length + (long)(minRate * Window.TotalSeconds);
            _end = Deadline.After(Window);
        }

        return _end;
    }
}
