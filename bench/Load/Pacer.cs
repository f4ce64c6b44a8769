using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace MnistLstm.Load;

/// <summary>
/// Says when requests are due, at a fixed rate, on a thread of its own. The run time's timers tick in milliseconds, and
/// would send several requests at once and late.
/// </summary>
internal sealed partial class Pacer(double perSecond, TimeSpan duration)
{
    private readonly Channel<TimeSpan> _due =
        Channel.CreateUnbounded<TimeSpan>(new UnboundedChannelOptions { SingleWriter = true });

    /// <summary>As soon as one is due, since when.</summary>
    public ChannelReader<TimeSpan> Due => _due.Reader;

    /// <param name="start">The moment that due times count from, as <see cref="Stopwatch.GetTimestamp"/>
    /// counts.</param>
    public void Start(long start) =>
        new Thread(() => Run(start)) { IsBackground = true, Priority = ThreadPriority.Highest }.Start();

    private void Run(long start)
    {
        long last = (long)(duration.TotalSeconds * perSecond);
        for (long i = 0; i < last; i++)
        {
            var due = TimeSpan.FromSeconds(i / perSecond);
            for (TimeSpan early; (early = due - Stopwatch.GetElapsedTime(start)) > TimeSpan.Zero;)
            {
                var pause = new TimeSpec(
                    Seconds: (long)early.TotalSeconds, Nanoseconds: (long)early.TotalNanoseconds % 1_000_000_000);
                _ = Sleep(in pause, remaining: 0);
            }

            _due.Writer.TryWrite(due);
        }

        _due.Writer.Complete();
    }

    /// <summary>Exact to some 50 µs.</summary>
    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(in TimeSpec requested, nint remaining);
}
