using MnistLstm.Api.Batching;

namespace MnistLstm.Api.Uploads;

/// <summary>
/// The minimum data rate of one body. Kestrel's rule uses the average since the start of the body, so a client that
/// sends many megabytes at once may then stall for hours. This rule checks the rate in every interval.
/// </summary>
/// <param name="minRate">Bytes per second; 0 for no minimum.</param>
internal struct UploadPace(int minRate)
{
    /// <summary>The interval in which the client must keep the minimum rate.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private long _wanted;
    private long _end;

    /// <summary>Finds how long to wait for more bytes.</summary>
    /// <param name="length">Bytes received so far.</param>
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
