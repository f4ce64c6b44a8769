using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Uploads;

/// <summary>
/// The messages of a call, charged to the body budget until the call ends. The library would answer an invalid frame
/// with Internal, or log it as a defect.
/// </summary>
/// <param name="inner">The body of the request.</param>
/// <param name="budget">Charged for the bytes that the library has not consumed yet; null to charge none.</param>
/// <param name="maxBytes">Maximum length of a message.</param>
/// <param name="isSingle">Whether the call takes exactly one message.</param>
/// <param name="timeout">Canceled when the message is late; None if the call itself has a time limit.</param>
internal sealed class GrpcBody(
    PipeReader inner, BodyBudget? budget, int maxBytes, bool isSingle, CancellationToken timeout)
    : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    private int _charged;
    private bool _hasMessage;

    /// <summary>
    /// The deadline of the call, a timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.
    /// </summary>
    public required long Deadline { get; init; }

    public PipeReader Reader => this;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return Charge(await inner.ReadAsync(timeout.CanBeCanceled ? timeout : cancellationToken));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw ProblemType.UploadTimeout.WithDetail("The message did not arrive in time.").ToException();
        }
        catch (IOException)
        {
            // The client has hung up; the server would log any other exception as a defect.
            throw new RpcException(Status.DefaultCancelled);
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        bool read = inner.TryRead(out result);
        result = read ? Charge(result) : result;
        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
        inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public void Dispose() => budget?.Release(_charged);

    private ReadResult Charge(ReadResult read)
    {
        if (FindProblem(read.Buffer, read.IsCompleted) is { } problem)
        {
            throw problem.ToException();
        }

        int more = (int)Math.Min(read.Buffer.Length, int.MaxValue) - _charged;
        if (budget is not null && more > 0)
        {
            if (!budget.TryReserve(more, _charged))
            {
                throw BodyBudget.Full.ToException();
            }

            _charged += more;
        }

        return read;
    }

    /// <param name="buffer">Starts with a frame, because the library consumes whole messages.</param>
    /// <param name="isLast">Whether nothing follows the buffer.</param>
    private Problem? FindProblem(ReadOnlySequence<byte> buffer, bool isLast)
    {
        var frame = new SequenceReader<byte>(buffer);
        bool hasLength = frame.TryRead(out byte compressed) & frame.TryReadBigEndian(out int bits);
        uint length = (uint)bits;
        long missing = hasLength ? length - frame.Remaining : 1;
        string? sentence =
            compressed != 0 ? $"The message starts with the byte {compressed}, not 0 for 'not compressed'."
            : isSingle && (_hasMessage ? !buffer.IsEmpty : missing < 0) ? "The call takes one message; more follow."
            : !isLast || missing <= 0 ? null
            : !buffer.IsEmpty ? "The message is shorter than its length says."
            : isSingle && !_hasMessage ? "The call has no message."
            : null;
        _hasMessage |= missing == 0;
        return length > maxBytes
                ? new Problem(
                    ProblemType.BodyTooLarge, $"The message has {length} bytes, but the limit is {maxBytes}.")
            : sentence is null ? null
            : new Problem(ProblemType.BadInference, sentence);
    }
}
