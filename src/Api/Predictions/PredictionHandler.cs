using System.Diagnostics;
using System.Text.Json;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared;

namespace MnistLstm.Api.Predictions;

/// <summary>Answers <c>POST /predict</c>: one picture in, one prediction out.</summary>
public sealed class PredictionHandler(
    ModelCatalog models, PictureUpload upload, DigitRecognizer recognizer, ServiceOptions options)
    : DeadlineHandler(options)
{
    private static readonly string[] Parameters =
        [PredictionQuery.ModelParameter, PredictionQuery.ExplainParameter, PredictionQuery.RotateParameter];

    protected override async ValueTask<Problem?> AnswerAsync(HttpContext context, JsonAnswer answer, long deadline)
    {
        if (PredictionQuery.Read(context.Request, models, Parameters, out PredictionQuery query) is { } badQuery)
        {
            return badQuery;
        }

        using PictureRequest request = await upload.ReceiveAsync(
            context, query.Model, images: query.Explain ? RowSequence.TimeSteps : 1, deadline);
        if (request.Problem is not null)
        {
            return request.Problem;
        }

        using var recognized = new RequestPictures(request.Picture) { Rotate = query.Rotate };
        InferenceOutcome outcome =
            await recognizer.ReadAsync(recognized, request.Model, deadline, context.RequestAborted);
        if (outcome != InferenceOutcome.Computed || request.Picture.Problem is not null)
        {
            return outcome.ToProblem() ?? request.Picture.Problem;
        }

        Prediction prediction = Prediction.From(recognized, request.Picture, request.Model);
        if (query.Explain)
        {
            (outcome, prediction) = await Explanation.AddAsync(
                prediction, recognized, request.Picture, request.Model.Queue, deadline, context.RequestAborted);
            if (outcome != InferenceOutcome.Computed)
            {
                return outcome.ToProblem();
            }
        }

        ServiceMetrics.Predicted(prediction.Model.Name, prediction.Digit, prediction.IsDigit);
        PredictionSpan.Describe(Activity.Current, prediction, recognized.Times);
        context.Response.Headers["Server-Timing"] = recognized.Times.ToString();
        JsonSerializer.Serialize(answer.Writer, prediction, PredictionJson.Default.Prediction);
        return null;
    }
}
