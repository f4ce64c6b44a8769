using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Uploads;

/// <summary>Bounds the bytes of request bodies that are in memory at the same time, of all requests together.</summary>
public sealed class BodyBudget(ServiceOptions options)
{
    /// <summary>
    /// Larger bodies may fill three quarters of the budget, so that uploads that stall leave room for ordinary
    /// pictures.
    /// </summary>
    private const int SmallBodyBytes = 1024 * 1024;

    private readonly long _limit = options.MaxTotalUploadBytes;
    private long _held;

    /// <summary>The problem of a body that has no room.</summary>
    public static Problem Full =>
        ProblemType.Overloaded.Because("The service holds as many bytes of uploads as it may.");

    /// <summary>Bytes a second that a client must send.</summary>
    public int MinRate { get; } = options.MinUploadRate;

    /// <summary>Bytes of bodies that are in memory now.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <param name="bytes">The bytes to add.</param>
    /// <param name="held">The bytes that the same body holds already.</param>
    /// <returns>False if the budget has no room for them now.</returns>
    public bool TryTake(int bytes, int held)
    {
        long limit = (long)held + bytes > SmallBodyBytes ? _limit / 4 * 3 : _limit;
        if (Interlocked.Add(ref _held, bytes) <= limit)
        {
            return true;
        }

        Give(bytes);
        return false;
    }

    /// <summary>Gives back what was taken.</summary>
    public void Give(int bytes) => Interlocked.Add(ref _held, -bytes);
}
