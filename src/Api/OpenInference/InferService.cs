using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;

namespace MnistLstm.Api.OpenInference;

/// <summary>Computes inference requests of both protocols.</summary>
internal sealed class InferService(ModelCatalog models, PictureReader pictures, DigitRecognizer recognizer)
{
    /// <param name="inference">Receives the request and its outputs.</param>
    /// <param name="model">The requested model.</param>
    /// <param name="version">The requested version; null for any.</param>
    /// <param name="isExpensive">Whether reading the body is expensive.</param>
    /// <param name="read">Reads the body; returns a sentence that names the problem with it, or null.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when the client hangs up.</param>
    /// <returns>Why there is no answer; null if there is one, or if the client hung up.</returns>
    public async ValueTask<Problem?> RunAsync(
        InferContext inference, ServedModel model, string? version, bool isExpensive, Func<string?> read,
        long deadline, CancellationToken clientLeft)
    {
        if (model.Queue.TryReject(images: 1))
        {
            return InferenceOutcome.QueueFull.ToProblem();
        }

        (Problem? problem, _) = await pictures.ParseAsync(
            isExpensive, read, static read => read() is { } sentence
                ? (new Problem(ProblemType.BadInference, sentence), false)
                : (null, true),
            deadline, clientLeft);
        if (problem is not null)
        {
            return problem;
        }

        using ModelLease lease = models.Lease(model);
        if (lease.Model != model && models.Find(model.Name, version, ref model) is { } replaced)
        {
            // The requested version was replaced while the body was read.
            return replaced;
        }

        InferenceOutcome outcome = inference.Pictures is { } files
            ? await recognizer.ReadAsync(files, lease.Model, deadline, clientLeft)
            : await lease.Model.Queue.ClassifyAsync(inference.Rows!, deadline, clientLeft);
        Problem? unread = outcome.ToProblem() ?? inference.FindPictureProblem();
        if (unread is null && outcome == InferenceOutcome.Computed)
        {
            inference.Complete(lease.Model);
        }

        return unread;
    }
}
