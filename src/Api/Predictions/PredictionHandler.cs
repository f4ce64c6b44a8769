using System.Diagnostics;
using System.Text.Json;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Predictions;

/// <summary>Answers <c>POST /predict</c>: one picture in, one prediction out.</summary>
public sealed class PredictionHandler(
    ModelCatalog models, PictureReader pictures, BodyBudget bodies, ServiceOptions options)
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

        (Problem? badBody, ReadOnlyMemory<byte> file, ImageHeader header) =
            await FindAsync(context, body.Memory, deadline);
        if (badBody is not null)
        {
            return badBody;
        }

        int images = query.Explain ? RowSequence.TimeSteps : 1;
        using ModelLease lease = models.Lease(query.Model);
        if (lease.Model.Queue.Refuses(images))
        {
            return InferenceOutcome.QueueFull.ToProblem();
        }

        using InferenceRequest inference = InferenceRequest.Rent(images);
        StepTimes times = default;
        Problem? badPicture;
        string? input;
        bool isLong = PictureReader.IsLong(pictures.CountPixels(header));
        using (PictureTurn turn = await pictures.EnterAsync(isLong, deadline, context.RequestAborted))
        {
            if (!turn.IsGiven)
            {
                return InferenceOutcome.Expired.ToProblem();
            }

            await turn.GoToThread();
            try
            {
                badPicture = Prepare(file.Span, header, query.Explain, inference, ref times, turn.Stop, out input);
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                return InferenceOutcome.Expired.ToProblem();
            }
        }

        if (badPicture is not null)
        {
            return badPicture;
        }

        InferenceOutcome outcome = await lease.Model.Queue.ClassifyAsync(inference, deadline, context.RequestAborted);
        if (outcome != InferenceOutcome.Computed)
        {
            return outcome.ToProblem();
        }

        times.Queue = inference.Waited;
        times.Infer = inference.Computed;
        await WriteAsync(context, lease.Model, query.Explain, inference, times, input);
        return null;
    }

    /// <summary>Finds the picture in the body; in a large body it takes a turn for long work.</summary>
    private async ValueTask<(Problem? Problem, ReadOnlyMemory<byte> File, ImageHeader Header)> FindAsync(
        HttpContext context, Memory<byte> body, long deadline)
    {
        bool isLong = PictureReader.IsLong(body);
        using PictureTurn turn = isLong ? await pictures.EnterAsync(isLong, deadline, context.RequestAborted) : default;
        await turn.GoToThread();
        if (isLong && (!turn.IsGiven || Deadline.Left(deadline) == TimeSpan.Zero))
        {
            return (InferenceOutcome.Expired.ToProblem(), default, default);
        }

        Problem? problem = UploadedPicture.Find(context.Request.ContentType, body, out ReadOnlyMemory<byte> file);
        return problem is not null ? (problem, default, default)
            : file.IsEmpty ? (ProblemType.NoFile.Because("The picture is empty: it has 0 bytes."), default, default)
            : (null, file, ImageHeader.Read(file.Span));
    }

    /// <summary>Reads the picture; to explain it, as T sequences of which the t-th has rows 1 to t, the rest blank.</summary>
    private Problem? Prepare(
        ReadOnlySpan<byte> file,
        in ImageHeader header,
        bool explain,
        InferenceRequest inference,
        ref StepTimes times,
        CancellationToken stop,
        out string? input)
    {
        input = null;
        Span<byte> pixels = stackalloc byte[RowSequence.Length];
        if (pictures.Read(file, header, pixels, inference, inference.Count - 1, ref times, stop) is { } problem)
        {
            return problem;
        }

        ReadOnlySpan<float> rows = inference.Rows(inference.Count - 1);

        if (explain)
        {
            for (int t = 1; t < RowSequence.TimeSteps; t++)
            {
                Span<float> partial = inference.Rows(t - 1);
                int read = t * RowSequence.Features;
                rows[..read].CopyTo(partial);
                partial[read..].Clear();
            }

            input = "data:image/png;base64," + Convert.ToBase64String(GrayPng.Encode(pixels, RowSequence.Features, RowSequence.TimeSteps));
        }

        return null;
    }

    private static async ValueTask WriteAsync(
        HttpContext context, ServedModel model, bool explain, InferenceRequest inference, StepTimes times, string? input)
    {
        Prediction prediction = model.Interpret(inference, inference.Count - 1);
        ServiceMetrics.Predicted(prediction.Model.Name, prediction.Digit, prediction.IsDigit);
        PredictionSpan.Describe(Activity.Current, prediction, times);
        if (explain)
        {
            float[][] rows = [.. Enumerable.Range(0, inference.Count).Select(t => inference.Probabilities(t).ToArray())];
            prediction = prediction with { Rows = rows, Input = input };
        }

        context.Response.Headers["Server-Timing"] = times.ToString();
        using var answer = JsonAnswer.Rent();
        JsonSerializer.Serialize(answer.Writer, prediction, PredictionJson.Default.Prediction);
        await answer.WriteToAsync(context.Response);
    }
}
