using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.Predictions;

/// <summary>Receives the body of a request for one picture, and finds the picture in it.</summary>
public sealed class PictureUpload(PictureReader pictures, BodyBudget bodies, ServiceOptions options)
{
    /// <summary>What a form adds to its one file: boundaries, headers, other small fields.</summary>
    private const int FormOverheadBytes = 64 * 1024;

    /// <param name="context">Its body is read.</param>
    /// <param name="deadline">As <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> counts.</param>
    /// <returns>To be disposed of when the picture is read; it may have a problem instead of a body.</returns>
    public ValueTask<UploadedBody> ReceiveAsync(HttpContext context, long deadline)
    {
        int overhead = MultipartForm.IsForm(context.Request.ContentType) ? FormOverheadBytes : 0;
        return UploadedBody.ReadAsync(context, options.MaxUploadBytes + overhead, deadline, bodies);
    }

    /// <summary>Finds the picture in the body; in a large body it takes a turn for long work.</summary>
    public async ValueTask<(Problem? Problem, RequestPicture? Picture)> FindAsync(
        HttpContext context, Memory<byte> body, long deadline)
    {
        bool isLong = PictureReader.IsLong(body);
        using PictureTurn turn = isLong ? await pictures.EnterAsync(isLong, deadline, context.RequestAborted) : default;
        await turn.GoToThread();
        if (isLong && (!turn.IsGiven || Deadline.Left(deadline) == TimeSpan.Zero))
        {
            return (InferenceOutcome.Expired.ToProblem(), null);
        }

        Problem? problem = UploadedPicture.Find(context.Request.ContentType, body, out ReadOnlyMemory<byte> file);
        return problem is not null ? (problem, null)
            : file.IsEmpty ? (ProblemType.NoFile.Because("The picture is empty: it has 0 bytes."), null)
            : (null, new RequestPicture(file));
    }
}
