using System.Diagnostics;
using System.Text.Json;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;
using MnistLstm.Api.Operations;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared;
using MnistLstm.Shared.Imaging;

namespace MnistLstm.Api.Predictions;

/// <summary>Answers <c>POST /predict</c>: one picture in, one prediction out.</summary>
public sealed class PredictionHandler(ModelCatalog models, PictureReader pictures, ServiceOptions options)
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

        bool isForm = MultipartForm.IsForm(context.Request.ContentType);
        if (!isForm && RawPicture.FindProblem(context.Request.ContentType) is { } badType)
        {
            return badType;
        }

        int maxBytes = options.MaxUploadBytes + (isForm ? FormOverheadBytes : 0);
        using UploadedBody body = await UploadedBody.ReadAsync(context, maxBytes, deadline);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        ReadOnlyMemory<byte> file = body.Memory;
        if (isForm && FindFile(context.Request.ContentType!, ref file) is { } badForm)
        {
            return badForm;
        }

        if (file.IsEmpty)
        {
            return ProblemType.NoFile.Because("The picture is empty: it has 0 bytes.");
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
        bool isLong = PictureReader.IsLong(pictures.CountPixels(file.Span));
        using (PictureTurn turn = await pictures.EnterAsync(isLong, deadline))
        {
            if (!turn.IsGiven)
            {
                return InferenceOutcome.Expired.ToProblem();
            }

            await turn.GoToThread();
            badPicture = Prepare(file.Span, query.Explain, inference, ref times, out input);
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

    /// <summary>Picks the one file out of a form.</summary>
    private static Problem? FindFile(string contentType, ref ReadOnlyMemory<byte> body)
    {
        List<FormPart> parts = [];
        if (MultipartForm.Parse(body.Span, contentType, parts) is { } violation)
        {
            return ProblemType.MalformedMultipart.Because($"The form cannot be read: {violation}.");
        }

        FormPart? file = null;
        foreach (FormPart part in parts)
        {
            if (part.Name != FormPart.File)
            {
                continue;
            }

            if (file is not null)
            {
                return ProblemType.SeveralFiles.Because("The form has more than one file 'file'.");
            }

            file = part;
        }

        if (file is not { } found)
        {
            string names = parts.Count == 0 ? "no field" : string.Join(", ", parts.Select(part => $"'{part.Name}'").Distinct().Take(10));
            return ProblemType.NoFile.Because($"The form has no file 'file' (it has {names}).");
        }

        body = body.Slice(found.Start, found.Length);
        return null;
    }

    /// <summary>Reads the picture; to explain it, as T sequences of which the t-th has rows 1 to t, the rest blank.</summary>
    private Problem? Prepare(
        ReadOnlySpan<byte> file, bool explain, InferenceRequest inference, ref StepTimes times, out string? input)
    {
        input = null;
        Span<byte> pixels = stackalloc byte[RowSequence.Length];
        if (pictures.Read(file, pixels, inference, inference.Count - 1, ref times) is { } problem)
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
        ServiceMetrics.Predicted(prediction);
        TelemetryApi.Describe(Activity.Current, prediction, times);
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
