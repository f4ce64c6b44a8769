using System.Numerics.Tensors;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.OpenInference;

/// <summary>Answers <c>POST /v2/models/{model}[/versions/{version}]/infer</c>.</summary>
public sealed class InferHandler(
    ModelCatalog models, PictureReader pictures, DigitRecognizer recognizer, BodyBudget bodies, ServiceOptions options)
{
    /// <summary>The numbers of about 50 images, which take a few milliseconds.</summary>
    private const int ShortJsonBytes = 256 * 1024;

    private readonly InferInputReader _reader = new(pictures, options);

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
        using InferInput input = await ReadInputAsync(context, body.Memory, jsonBytes, call, deadline);
        if (input.Problem is not null)
        {
            return input.Problem;
        }

        using ModelLease lease = models.Lease(model);
        if (lease.Model != model && ModelRoute.Find(context.Request.RouteValues, models, out _) is { } replaced)
        {
            // The version that the address names was replaced while the body was read.
            return replaced;
        }

        StepTimes times;
        InferenceOutcome outcome;
        if (input.Pictures is { } recognized)
        {
            outcome = await recognizer.ReadAsync(recognized, lease.Model, deadline, context.RequestAborted);
            times = recognized.Times;
        }
        else
        {
            outcome = await lease.Model.Queue.ClassifyAsync(input.Rows!, deadline, context.RequestAborted);
            times = new StepTimes { Queue = input.Rows!.Waited, Infer = input.Rows.Computed };
        }

        if (outcome != InferenceOutcome.Computed || input.FindPictureProblem() is not null)
        {
            return outcome.ToProblem() ?? input.FindPictureProblem();
        }

        context.Response.Headers["Server-Timing"] = times.ToString();
        using var answer = InferAnswer.Rent();
        answer.Write(call, lease.Model, input.Images);
        Count(lease.Model, input.Images);
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

    /// <summary>Reads the body, up to the rows of the images or the files of the pictures.</summary>
    private async ValueTask<InferInput> ReadInputAsync(
        HttpContext context, Memory<byte> body, int jsonBytes, InferCall call, long deadline)
    {
        bool isLong = jsonBytes > ShortJsonBytes || PictureReader.IsLong(body);
        using PictureTurn turn = await pictures.EnterAsync(isLong, deadline, context.RequestAborted);
        await turn.GoToThread();
        return turn.IsGiven && (!isLong || Deadline.Left(deadline) > TimeSpan.Zero)
            ? _reader.Read(body, jsonBytes, call)
            : new InferInput { Problem = InferenceOutcome.Expired.ToProblem() };
    }
}
