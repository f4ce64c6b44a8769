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

    /// <param name="context">The request, whose body is read.</param>
    /// <param name="model">The model that is to read the picture.</param>
    /// <param name="images">The least number of images that the request adds to the model's queue.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <returns>Dispose it when the picture is read. It may have a problem instead of a picture.</returns>
    public async ValueTask<PictureRequest> ReceiveAsync(
        HttpContext context, ServedModel model, int images, long deadline)
    {
        int overhead = MultipartForm.IsForm(context.Request.ContentType) ? FormOverheadBytes : 0;
        UploadedBody body = await UploadedBody.ReadAsync(context, options.MaxUploadBytes + overhead, deadline, bodies);
        try
        {
            (Problem? problem, RequestPicture? picture) =
                body.Problem is not null
                ? (body.Problem, null)
                : await pictures.ParseAsync(
                    PictureReader.IsExpensive(body.Memory), (context.Request.ContentType, body.Memory),
                    static request => Find(request.ContentType, request.Memory), deadline, context.RequestAborted);
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

    private static (Problem? Problem, RequestPicture? Picture) Find(string? contentType, Memory<byte> body)
    {
        Problem? problem = UploadedPicture.Find(contentType, body, out ReadOnlyMemory<byte> file);
        return problem is not null ? (problem, null)
            : file.IsEmpty ? (ProblemType.NoFile.WithDetail("The picture is empty: it has 0 bytes."), null)
            : (null, new RequestPicture(file));
    }
}

/// <summary>A request with one picture. Disposing releases its body and its model.</summary>
public readonly struct PictureRequest(
    Problem? problem, RequestPicture? picture, UploadedBody body, ModelLease lease) : IDisposable
{
    /// <summary>Why there is no picture; null if there is one.</summary>
    public Problem? Problem => problem;

    public RequestPicture Picture => picture!;

    public ServedModel Model => lease.Model;

    public void Dispose()
    {
        lease.Dispose();
        body.Dispose();
    }
}
