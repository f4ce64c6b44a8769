using System.Numerics.Tensors;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.OpenInference;

/// <summary>Computes requests for inference, whichever protocol they came by.</summary>
internal sealed class InferService(ModelCatalog models, PictureReader pictures, DigitRecognizer recognizer)
{
    /// <param name="model">Checked before, so that a wrong name is refused before the body is read.</param>
    /// <param name="version">The version that the client asked for; null for any.</param>
    /// <param name="isLong">Whether reading the body may take long.</param>
    /// <param name="read">Reads the body; the call receives what it asks for.</param>
    /// <param name="deadline">As <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> counts.</param>
    /// <param name="clientLeft">Cancelled when nobody waits for the answer any more.</param>
    public async ValueTask<InferResult> RunAsync(
        ServedModel model, string? version, bool isLong, Func<InferCall, InferInput> read, long deadline,
        CancellationToken clientLeft)
    {
        if (model.Queue.Refuses(images: 1))
        {
            return new InferResult(InferenceOutcome.QueueFull.ToProblem());
        }

        var call = new InferCall();
        using InferInput input = await ReadAsync(isLong, read, call, deadline, clientLeft);
        if (input.Problem is not null)
        {
            return new InferResult(input.Problem);
        }

        using ModelLease lease = models.Lease(model);
        if (lease.Model != model && ModelRoute.Find(model.Name, version, models, ref model) is { } replaced)
        {
            // The version that the client asked for was replaced while the body was read.
            return new InferResult(replaced);
        }

        InferenceOutcome outcome;
        StepTimes times;
        if (input.Pictures is { } recognized)
        {
            outcome = await recognizer.ReadAsync(recognized, lease.Model, deadline, clientLeft);
            times = recognized.Times;
        }
        else
        {
            outcome = await lease.Model.Queue.ClassifyAsync(input.Rows!, deadline, clientLeft);
            times = new StepTimes { Queue = input.Rows!.Waited, Infer = input.Rows.Computed };
        }

        if (outcome != InferenceOutcome.Computed || input.FindPictureProblem() is not null)
        {
            return new InferResult(outcome.ToProblem() ?? input.FindPictureProblem());
        }

        Count(lease.Model, input.Images);
        return new InferResult(
            Problem: null, lease.Model.Reference, call, Array.ConvertAll([.. call.Outputs], output => new InferOutput(output, input.Images)), times);
    }

    /// <summary>Reads the body, up to the rows of the images or the files of the pictures.</summary>
    private async ValueTask<InferInput> ReadAsync(
        bool isLong, Func<InferCall, InferInput> read, InferCall call, long deadline, CancellationToken clientLeft)
    {
        using PictureTurn turn = await pictures.EnterAsync(isLong, deadline, clientLeft);
        await turn.GoToThread();
        return turn.IsGiven && (!isLong || Deadline.Left(deadline) > TimeSpan.Zero)
            ? read(call)
            : new InferInput { Problem = InferenceOutcome.Expired.ToProblem() };
    }

    /// <summary>Counts each image as a prediction.</summary>
    private static void Count(ServedModel model, InferenceRequest images)
    {
        for (int n = 0; n < images.Count; n++)
        {
            int digit = TensorPrimitives.IndexOfMax(images.Probabilities(n));
            ServiceMetrics.Predicted(model.Name, digit, model.IsDigit(images, n));
        }
    }
}

/// <summary>What became of a request.</summary>
/// <param name="Problem">Why there is no answer; null where there is one, or where nobody waits for it.</param>
/// <param name="Model">The model that answered; null where there is no answer.</param>
/// <param name="Call">What the request asked for.</param>
/// <param name="Outputs">In the order of the request.</param>
/// <param name="Times">Time spent on each step.</param>
internal readonly record struct InferResult(
    Problem? Problem, ModelReference? Model = null, InferCall? Call = null, InferOutput[]? Outputs = null, StepTimes Times = default);
