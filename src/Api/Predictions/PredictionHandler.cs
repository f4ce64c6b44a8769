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
    ModelCatalog models, PictureUpload upload, DigitRecognizer recognizer, ServiceOptions options)
    : DeadlineHandler(options)
{
    protected override async ValueTask<Problem?> AnswerAsync(HttpContext context, long deadline)
    {
        if (PredictionQuery.Read(context.Request, models, out PredictionQuery query) is { } badQuery)
        {
            return badQuery;
        }

        using UploadedBody body = await upload.ReceiveAsync(context, deadline);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        (Problem? badBody, RequestPicture? picture) = await upload.FindAsync(context, body.Memory, deadline);
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
}
