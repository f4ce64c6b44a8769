using System.Threading.RateLimiting;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Decoding;

/// <summary>Limits the memory for decoding pictures, over all requests.</summary>
public sealed class DecodingBudget : IDisposable
{
    private const int KiB = 1024;

    private readonly int _limitKiB;
    private readonly ConcurrencyLimiter _limiter;

    /// <param name="limits">The budget holds one color picture of the largest size, but is at most a quarter of the
    /// memory.</param>
    /// <param name="availableBytes">Memory available to the process; null for what .NET reports.</param>
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

    /// <param name="bytes">Memory that decoding the picture takes.</param>
    /// <returns>A sentence that names the problem; null if the picture fits into the budget.</returns>
    public string? FindProblem(long bytes) => ToKiB(bytes) <= _limitKiB
        ? null
        : ImageLimits.DescribeMemory(bytes, (long)KiB * _limitKiB);

    /// <summary>Acquires memory in order of arrival. Blocks the thread, so call it on a dedicated one.</summary>
    /// <param name="bytes">Memory that decoding the picture takes, within the limit; 0 if it is negligible.</param>
    /// <param name="stop">Cancels the wait.</param>
    /// <returns>Dispose it when the picture is decoded. Null if nothing was acquired.</returns>
    /// <exception cref="OperationCanceledException">The wait was canceled.</exception>
    public RateLimitLease? Wait(long bytes, CancellationToken stop) => bytes == 0
        ? null
        : _limiter.AcquireAsync((int)ToKiB(bytes), stop).AsTask().GetAwaiter().GetResult();

    public void Dispose() => _limiter.Dispose();

    private static long ToKiB(long bytes) => (bytes + KiB - 1) / KiB;
}
