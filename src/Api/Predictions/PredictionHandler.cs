using System.Diagnostics;
using System.Text.Json;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;

namespace MnistLstm.Api.Predictions;

/// <summary>Answers <c>POST /predict</c>: one picture in, one prediction out.</summary>
public sealed class PredictionHandler(
    ModelCatalog models, PictureReader pictures, DigitRecognizer recognizer, BodyBudget bodies, ServiceOptions options)
{
    /// <summary>What a form adds to its one file: boundaries, headers, other small fields.</summary>
    private const int FormOverheadBytes = 64 * 1024;

    public async Task HandleAsync(HttpContext context)
    {
        if (await AnswerAsync(context) is { } problem)
        {
            await problem.WriteAsync(context);
        }
    }

    /// <returns>Why there is no answer; null once the answer is written.</returns>
    private async ValueTask<Problem?> AnswerAsync(HttpContext context)
    {
        if (RequestDeadline.Read(context.Request, options.RequestTimeout, out long deadline) is { } badHeader)
        {
            return badHeader;
        }

        if (PredictionQuery.Read(context.Request, models, out PredictionQuery query) is { } badQuery)
        {
            return badQuery;
        }

        string? contentType = context.Request.ContentType;
        int maxBytes = options.MaxUploadBytes + (MultipartForm.IsForm(contentType) ? FormOverheadBytes : 0);
        using UploadedBody body = await UploadedBody.ReadAsync(context, maxBytes, deadline, bodies);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        (Problem? badBody, RequestPicture? picture) = await FindAsync(context, body.Memory, deadline);
        if (badBody is not null)
        {
            return badBody;
        }

        using ModelLease lease = models.Lease(query.Model);
        if (lease.Model.Queue.Refuses(query.Explain ? RowSequence.TimeSteps : 1))
        {
            return InferenceOutcome.QueueFull.ToProblem();
        }

        using var recognized = new RequestPictures(picture!) { Rotate = query.Rotate };
        InferenceOutcome outcome = await recognizer.ReadAsync(recognized, lease.Model, deadline, context.RequestAborted);
        if (outcome != InferenceOutcome.Computed || picture!.Problem is not null)
        {
            return outcome.ToProblem() ?? picture!.Problem;
        }

        Prediction prediction = lease.Model.Interpret(recognized, picture);
        if (query.Explain)
        {
            (outcome, prediction) = await Explanation.AddAsync(
                prediction, recognized, picture, lease.Model.Queue, deadline, context.RequestAborted);
            if (outcome != InferenceOutcome.Computed)
            {
                return outcome.ToProblem();
            }
        }

        ServiceMetrics.Predicted(prediction.Model.Name, prediction.Digit, prediction.IsDigit);
        PredictionSpan.Describe(Activity.Current, prediction, recognized.Times);
        context.Response.Headers["Server-Timing"] = recognized.Times.ToString();
        using var answer = JsonAnswer.Rent();
        JsonSerializer.Serialize(answer.Writer, prediction, PredictionJson.Default.Prediction);
        await answer.WriteToAsync(context.Response);
        return null;
    }

    /// <summary>Finds the picture in the body; in a large body it takes a turn for long work.</summary>
    private async ValueTask<(Problem? Problem, RequestPicture? Picture)> FindAsync(
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
