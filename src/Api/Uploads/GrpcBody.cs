using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Uploads;

/// <summary>The messages of a call, charged to the body budget until the call ends.</summary>
internal sealed class GrpcBody(PipeReader inner, BodyBudget budget) : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    private int _charged;

    public PipeReader Reader => this;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return Charge(await inner.ReadAsync(cancellationToken));
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

    public void Dispose() => budget.Release(_charged);

    private ReadResult Charge(ReadResult read)
    {
        int more = (int)Math.Min(read.Buffer.Length, int.MaxValue) - _charged;
        if (more > 0)
        {
            if (!budget.TryReserve(more, _charged))
            {
                throw BodyBudget.Full.ToException();
            }

            _charged += more;
        }

        return read;
    }
}
