using System.Numerics.Tensors;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.OpenInference;

/// <summary>Answers <c>POST /v2/models/{model}[/versions/{version}]/infer</c>.</summary>
public sealed class InferHandler(ModelCatalog models, PictureReader pictures, BodyBudget bodies, ServiceOptions options)
{
    /// <summary>The numbers of about 50 images, which take a few milliseconds.</summary>
    private const int ShortJsonBytes = 256 * 1024;

    private readonly InferRows _rows = new(pictures, options);

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

        if (ModelRoute.Find(context.Request.RouteValues, models, out ServedModel model) is { } unknown)
        {
            return unknown;
        }

        if (InferBody.FindProblem(context.Request) is { } badType)
        {
            return badType;
        }

        using UploadedBody body = await UploadedBody.ReadAsync(context, options.MaxBatchUploadBytes, deadline, bodies);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        if (model.Queue.Refuses(images: 1))
        {
            return InferenceOutcome.QueueFull.ToProblem();
        }

        if (InferBody.ReadJsonLength(context.Request, body.Memory.Length, out int jsonBytes) is { } badLength)
        {
            return new Problem(ProblemType.BadInference, badLength);
        }

        using var call = new InferCall();
        StepTimes times = default;
        string? problem;
        InferenceRequest? prepared;
        ImageHeader rawHeader = jsonBytes == 0 ? ImageHeader.Read(body.Memory.Span) : default;
        bool isLong = IsLong(body.Memory.Span[..jsonBytes], rawHeader);
        using (PictureTurn turn = await pictures.EnterAsync(isLong, deadline, context.RequestAborted))
        {
            if (!turn.IsGiven)
            {
                return InferenceOutcome.Expired.ToProblem();
            }

            await turn.GoToThread();
            try
            {
                problem = Prepare(body.Memory.Span, jsonBytes, rawHeader, call, ref times, turn.Stop, out prepared);
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                return InferenceOutcome.Expired.ToProblem();
            }
        }

        using InferenceRequest? inference = prepared;
        if (problem is not null)
        {
            return new Problem(ProblemType.BadInference, problem);
        }

        using ModelLease lease = models.Lease(model);
        if (lease.Model != model && ModelRoute.Find(context.Request.RouteValues, models, out _) is { } replaced)
        {
            // The version that the address names was replaced while the body was read.
            return replaced;
        }

        InferenceOutcome outcome = await lease.Model.Queue.ClassifyAsync(inference!, deadline, context.RequestAborted);
        if (outcome != InferenceOutcome.Computed)
        {
            return outcome.ToProblem();
        }

        times.Queue = inference!.Waited;
        times.Infer = inference.Computed;
        context.Response.Headers["Server-Timing"] = times.ToString();
        using var answer = InferAnswer.Rent();
        answer.Write(call, lease.Model, inference);
        Count(lease.Model, inference);
        await answer.WriteToAsync(context.Response);
        return null;
    }

    /// <summary>Counts each image as a prediction.</summary>
    private static void Count(ServedModel model, InferenceRequest inference)
    {
        for (int n = 0; n < inference.Count; n++)
        {
            int digit = TensorPrimitives.IndexOfMax(inference.Probabilities(n));
            ServiceMetrics.Predicted(model.Name, digit, model.IsDigit(inference, n));
        }
    }

    /// <summary>
    /// Whether the body may take long to read: much JSON, a large picture, or pictures within JSON, of a size that is not known
    /// yet. These are called "BYTES" there, or by something with a backslash in it that means the same.
    /// </summary>
    private bool IsLong(ReadOnlySpan<byte> json, in ImageHeader rawHeader) => json.IsEmpty
        ? PictureReader.IsLong(pictures.CountPixels(rawHeader))
        : json.Length > ShortJsonBytes || json.Contains((byte)'\\') || json.IndexOf("BYTES"u8) >= 0;

    /// <summary>Reads the body, up to the rows of the images.</summary>
    private string? Prepare(
        Span<byte> body,
        int jsonBytes,
        in ImageHeader rawHeader,
        InferCall call,
        ref StepTimes times,
        CancellationToken stop,
        out InferenceRequest? inference)
    {
        inference = null;
        if (jsonBytes == 0)
        {
            call.BinaryOutputs = true;
            inference = InferenceRequest.Rent(count: 1);
            return _rows.FillRaw(body, rawHeader, inference, ref times, stop);
        }

        Span<byte> json = body[JsonText.CountMarkBytes(body[..jsonBytes])..jsonBytes];
        ReadOnlySpan<byte> binary = body[jsonBytes..];
        string? problem = InferCallReader.Read(json, call, options.MaxInferImages)
            ?? call.Input!.FindProblem(binary.Length, options.MaxInferImages);
        if (problem is not null)
        {
            return problem;
        }

        inference = InferenceRequest.Rent(call.Input!.Count);
        return _rows.Fill(call.Input, json, binary, inference, ref times, stop);
    }
}
