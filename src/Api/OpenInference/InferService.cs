using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.OpenInference;

/// <summary>Computes inference requests of both protocols.</summary>
internal sealed class InferService(
    ModelCatalog models, PictureReader pictures, DigitRecognizer recognizer, ServiceOptions options)
{
    /// <param name="model">The requested model.</param>
    /// <param name="version">The requested version; null or empty for any.</param>
    /// <param name="isExpensive">Whether reading the body is expensive.</param>
    /// <param name="read">Reads the body; returns a sentence that names the problem with it, or null.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when the client hangs up.</param>
    /// <returns>The response, or why there is none; neither if the client hung up.</returns>
    public async ValueTask<(Problem? Problem, InferResponse? Response)> RunAsync(
        ServedModel model, string? version, bool isExpensive, Func<InferContext, string?> read,
        long deadline, CancellationToken clientLeft)
    {
        if (model.Queue.TryReject(images: 1))
        {
            return (InferenceOutcome.QueueFull.ToProblem(), null);
        }

        using var inference = new InferContext(pictures, options);
        (Problem? expired, string? sentence) = await pictures.ParseAsync(
            isExpensive, (inference, read), static body => ((Problem?)null, body.read(body.inference)),
            deadline, clientLeft);
        if (expired is not null || sentence is not null)
        {
            return (expired ?? new Problem(
                inference.IsOverLimit ? ProblemType.InferenceLimit : ProblemType.BadInference, sentence!), null);
        }

        using ModelLease lease = models.Lease(model);
        if (lease.Model != model && models.Find(model.Name, version, out model) is { } replaced)
        {
            // The requested version was replaced while the body was read.
            return (replaced, null);
        }

        InferenceOutcome outcome = inference.Pictures is { } files
            ? await recognizer.ReadAsync(files, lease.Model, deadline, clientLeft)
            : await lease.Model.Queue.ClassifyAsync(inference.Rows!, deadline, clientLeft);
        return outcome != InferenceOutcome.Computed ? (outcome.ToProblem(), null)
            : inference.Pictures is { FirstProblem: >= 0 and int n } failed
                ? (new Problem(
                    failed.All[n].Problem!.IsLimit ? ProblemType.InferenceLimit : ProblemType.BadInference,
                    $"Element {n} of {InferContext.Name}: {failed.All[n].Problem!.Detail}"), null)
            : (null, inference.Complete(lease.Model));
    }
}
