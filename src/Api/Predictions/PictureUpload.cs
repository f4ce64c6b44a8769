using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.Predictions;

/// <summary>
/// Receives the body of a request for one picture, finds the picture in it, and keeps its model in memory.
/// </summary>
public sealed class PictureUpload(
    ModelCatalog models, PictureReader pictures, BodyBudget bodies, ServiceOptions options)
{
    /// <summary>The overhead of a form with one file: boundaries, headers, other small fields.</summary>
    private const int FormOverheadBytes = 64 * 1024;

    /// <param name="context">Its body is read.</param>
    /// <param name="model">The model that is to read the picture.</param>
    /// <param name="images">Images that the request adds to the model's queue at least.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <returns>To be disposed of when the picture is read; it may have a problem instead of a picture.</returns>
    public async ValueTask<PictureRequest> ReceiveAsync(
        HttpContext context, ServedModel model, int images, long deadline)
    {
        int overhead = MultipartForm.IsForm(context.Request.ContentType) ? FormOverheadBytes : 0;
        UploadedBody body = await UploadedBody.ReadAsync(context, options.MaxUploadBytes + overhead, deadline, bodies);
        try
        {
            (Problem? problem, RequestPicture? picture) =
                body.Problem is null ? await FindAsync(context, body.Memory, deadline) : (body.Problem, null);
            ModelLease lease = models.Lease(model);
            problem ??= lease.Model.Queue.TryReject(images) ? InferenceOutcome.QueueFull.ToProblem() : null;
            return new PictureRequest(problem, picture, body, lease);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>Finds the picture in the body; in a large body it takes a turn for long work.</summary>
    private async ValueTask<(Problem? Problem, RequestPicture? Picture)> FindAsync(
        HttpContext context, Memory<byte> body, long deadline)
    {
        bool isLong = PictureReader.IsExpensive(body);
        using DecodeSlot turn = isLong ? await pictures.EnterAsync(isLong, deadline, context.RequestAborted) : default;
        await turn.SwitchToDedicatedThread();
        if (isLong && (!turn.IsAcquired || Deadline.Remaining(deadline) == TimeSpan.Zero))
        {
            return (InferenceOutcome.Expired.ToProblem(), null);
        }

        Problem? problem = UploadedPicture.Find(context.Request.ContentType, body, out ReadOnlyMemory<byte> file);
        return problem is not null ? (problem, null)
            : file.IsEmpty ? (ProblemType.NoFile.Because("The picture is empty: it has 0 bytes."), null)
            : (null, new RequestPicture(file));
    }
}

/// <summary>A request for one picture, in memory with its model until it is disposed of.</summary>
public readonly struct PictureRequest(
    Problem? problem, RequestPicture? picture, UploadedBody body, ModelLease lease) : IDisposable
{
    /// <summary>Why there is no picture to read; null if there is one.</summary>
    public Problem? Problem => problem;

    public RequestPicture Picture => picture!;

    public ServedModel Model => lease.Model;

    public void Dispose()
    {
        lease.Dispose();
        body.Dispose();
    }
}
