using System.Threading.RateLimiting;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Decoding;

/// <summary>Bounds the memory in which pictures are decoded at the same time, of all requests together.</summary>
public sealed class DecodingBudget : IDisposable
{
    private const int KiB = 1024;

    private readonly int _limitKiB;
    private readonly ConcurrencyLimiter _limiter;

    /// <param name="limits">The largest color picture fills the budget, where a quarter of the memory is enough for
    /// it.</param>
    /// <param name="availableBytes">Memory that the process may use; null: as .NET says.</param>
    public DecodingBudget(ImageLimits limits, long? availableBytes = null)
    {
        long quarter = (availableBytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) / 4;
        _limitKiB = (int)(Math.Min(limits.MaxDecodingBytes, quarter) / KiB);
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = Math.Max(1, _limitKiB),
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    /// <param name="bytes">The bytes that decoding the picture takes.</param>
    /// <returns>A sentence that says what is wrong; null if the picture can be decoded.</returns>
    public string? FindProblem(long bytes) => ToKiB(bytes) <= _limitKiB
        ? null
        : ImageLimits.DescribeMemory(bytes, (long)KiB * _limitKiB);

    /// <summary>
    /// Takes memory once those that came before have theirs. Blocks the thread, which is one for long work.
    /// </summary>
    /// <param name="bytes">The bytes that decoding the picture takes, within the limit; 0 if they are few.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <returns>To be disposed of when the picture is decoded; null where nothing is taken.</returns>
    /// <exception cref="OperationCanceledException">The waiting was ended.</exception>
    public RateLimitLease? Wait(long bytes, CancellationToken stop) => bytes == 0
        ? null
        : _limiter.AcquireAsync((int)ToKiB(bytes), stop).AsTask().GetAwaiter().GetResult();

    public void Dispose() => _limiter.Dispose();

    private static long ToKiB(long bytes) => (bytes + KiB - 1) / KiB;
}
