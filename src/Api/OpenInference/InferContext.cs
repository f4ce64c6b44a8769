using System.Numerics.Tensors;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>An inference request of either protocol, and its outputs.</summary>
internal sealed class InferContext : IDisposable
{
    private readonly List<InferRequestedOutput> _requested = [];

    public string? Id { get; private set; }

    public bool BinaryOutputs { get; set; }

    /// <summary>The images, if the input is FP32.</summary>
    public InferenceRequest? Rows { get; set; }

    /// <summary>The images, if the input is BYTES.</summary>
    public RequestPictures? Pictures { get; set; }

    /// <summary>The model that computed the outputs; null until then.</summary>
    public ModelReference? Model { get; private set; }

    /// <summary>The outputs, in the order of the request.</summary>
    public InferOutputTensor[] Outputs { get; private set; } = [];

    public StageTimings Times => Pictures?.Times ?? new StageTimings { Queue = Rows!.Waited, Infer = Rows.Computed };

    /// <summary>Takes everything but the input from a request.</summary>
    /// <param name="id">Returned unchanged.</param>
    /// <param name="isRaw">Whether outputs are raw by default.</param>
    /// <param name="outputs">The requested outputs; empty for all.</param>
    /// <param name="inputs">The number of inputs.</param>
    /// <returns>A sentence that names the problem, or null if there is none.</returns>
    public string? Accept(string? id, bool isRaw, IEnumerable<InferRequestedOutput?> outputs, int inputs)
    {
        Id = id;
        BinaryOutputs = isRaw;
        return (id?.Length > Excerpt.MaxLength ? InferInputReader.TooLong(Excerpt.Of(id)) : null)
            ?? outputs.Select(Add).FirstOrDefault(problem => problem is not null)
            ?? inputs switch
            {
                0 => $"The request has no {InferInputReader.Name}.",
                1 => null,
                _ => $"The request has several inputs, and the model has one, '{ModelContract.Input}'.",
            };
    }

    /// <summary>The first problem of a picture; null if all were read.</summary>
    public Problem? FindPictureProblem() => Pictures is { FirstProblem: >= 0 and int n }
        ? new Problem(
            ProblemType.BadInference, $"Element {n} of {InferInputReader.Name}: {Pictures.All[n].Problem!.Detail}")
        : null;

    /// <summary>Copies the outputs of the computed images, and counts each image as a prediction.</summary>
    public void Complete(ServedModel model)
    {
        InferenceRequest images = Rows ?? Pictures!.Readings;
        for (int n = 0; n < images.Count; n++)
        {
            int digit = TensorPrimitives.IndexOfMax(images.Probabilities(n));
            ServiceMetrics.Predicted(model.Name, digit, model.IsDigit(images, n));
        }

        Model = model.Reference;
        InferRequestedOutput[] requested = _requested is []
            ? [new(ModelContract.Probabilities), new(ModelContract.Logits)]
            : [.. _requested];
        Outputs = Array.ConvertAll(requested, output =>
            InferOutputTensor.Of(output, images, output.Parameters?.BinaryData ?? BinaryOutputs));
    }

    public void Dispose()
    {
        Rows?.Dispose();
        Pictures?.Dispose();
    }

    private string? Add(InferRequestedOutput? output)
    {
        if (output?.Name is null)
        {
            return "Each output must be an object with a 'name'.";
        }

        bool isTwice = _requested.Exists(other => other.Name == output.Name);
        _requested.Add(output);
        return output.Name is not (ModelContract.Probabilities or ModelContract.Logits)
                ? $"There is no output '{Excerpt.Of(output.Name)}'. The model has '{ModelContract.Probabilities}' and "
                + $"'{ModelContract.Logits}'."
            : isTwice ? $"The request asks for the output '{output.Name}' twice."
            : output.Parameters?.Classification < 1 ? "'classification' must be a number of classes, 1 or more."
            : null;
    }
}
