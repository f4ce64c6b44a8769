using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Uploads;

/// <summary>Limits the total bytes of request bodies in memory, over all requests.</summary>
public sealed class BodyBudget(ServiceOptions options)
{
    /// <summary>
    /// Larger bodies may use three quarters of the budget, so that stalled uploads leave room for ordinary pictures.
    /// </summary>
    private const int SmallBodyBytes = 1024 * 1024;

    private readonly long _limit = options.MaxTotalUploadBytes;
    private long _held;

    /// <summary>The problem for a body that does not fit.</summary>
    public static Problem Full =>
        ProblemType.Overloaded.WithDetail("The uploads in memory have reached their limit.");

    /// <summary>Bytes per second that a client must send.</summary>
    public int MinRate { get; } = options.MinUploadRate;

    /// <summary>Bytes of all bodies in memory now.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <param name="bytes">The bytes to add.</param>
    /// <param name="held">The bytes that this body already holds.</param>
    /// <returns>False if they do not fit now.</returns>
    public bool TryReserve(int bytes, int held)
    {
        long limit = (long)held + bytes > SmallBodyBytes ? _limit / 4 * 3 : _limit;
        if (Interlocked.Add(ref _held, bytes) <= limit)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    /// <summary>Returns bytes to the budget.</summary>
    public void Release(int bytes) => Interlocked.Add(ref _held, -bytes);
}
